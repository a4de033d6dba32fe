"""The tables of drift: counts by bundle, caller and day, and what they are held against."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, Index, LargeBinary, String, Table, Text

from models.drift.counts import NUMBERS
from serving.database.metadata import UtcTime, metadata

NAME, SHA256 = 200, 64

drift_references = Table(
    "drift_references",
    metadata,
    Column("bundle_sha256", String(SHA256), primary_key=True),
    Column("content", Text, nullable=False),  # JSON
    Column("made_at", UtcTime, nullable=False),
)

drift_counts = Table(
    "drift_counts",
    metadata,
    Column("bundle_sha256", String(SHA256), primary_key=True),
    Column("caller", String(NAME), primary_key=True),
    Column("day", Date, primary_key=True),  # UTC
    Column("counts", LargeBinary, nullable=False),
    *(Column(name, Double, nullable=False) for name in NUMBERS),
    Index(None, "day"),
)

# The retraining that was asked for last, so that a service that starts anew does not ask again.
drift_submissions = Table(
    "drift_submissions",
    metadata,
    Column("bundle_sha256", String(SHA256), primary_key=True),
    Column("job_id", String(NAME), nullable=False),
    Column("submitted_at", UtcTime, nullable=False),
)
