"""The tables of the live shadow: sums by champion and challenger, and by drug."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, String, Table

from serving.database.metadata import UtcTime, metadata
from serving.shadow.sums import CHANGES

NAME, SHA256 = 200, 64
COUNTS = ("n_requests", "n_refused", "n_failed", "n_profiles")
AMOUNTS = ("champion_seconds", "challenger_seconds", "champion_genes", "challenger_genes")

shadow_pairs = Table(
    "shadow_pairs",
    metadata,
    Column("challenger_sha256", String(SHA256), primary_key=True),
    Column("champion_sha256", String(SHA256), primary_key=True),
    Column("challenger", String(NAME), nullable=False),  # versions, or names of bundles
    Column("champion", String(NAME), nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in COUNTS),
    *(Column(name, Double, nullable=False) for name in AMOUNTS),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False, index=True),
)

shadow_drugs = Table(
    "shadow_drugs",
    metadata,
    Column("challenger_sha256", String(SHA256), primary_key=True),
    Column("champion_sha256", String(SHA256), primary_key=True),
    Column("drug", String(NAME), primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("missing", BigInteger, nullable=False),
    Column("total", Double, nullable=False),
    Column("squares", Double, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in CHANGES),
)
