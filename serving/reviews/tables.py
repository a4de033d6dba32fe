"""The tables of the review desk. All but three columns of the findings are append-only."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from serving.access.tables import ROW_NUMBER
from serving.database.metadata import UtcTime, metadata

NAME, SHA256, WORD = 200, 64, 40

review_bundles = Table(
    "review_bundles",
    metadata,
    Column("sha256", String(SHA256), primary_key=True),
    Column("name", String(NAME), nullable=False),
    Column("cohort", String(NAME), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)

review_drugs = Table(
    "review_drugs",
    metadata,
    Column("bundle_sha256", String(SHA256), ForeignKey("review_bundles.sha256"), primary_key=True),
    Column("drug", String(NAME), primary_key=True),
    Column("place", Integer, nullable=False),  # in the bundle's order
    Column("status", String(WORD), nullable=False),
    Column("figures", Text, nullable=False),  # JSON
    Column("figures_sha256", String(SHA256), nullable=False),
)

# `state`, `assignee` and `version` are what the newest entry says; the rest never changes.
review_findings = Table(
    "review_findings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("bundle_sha256", String(SHA256), nullable=False),
    Column("drug", String(NAME), nullable=False),
    Column("kind", String(WORD), nullable=False),
    Column("subject", String(NAME), nullable=False),
    Column("summary", Text, nullable=False),
    Column("figures", Text, nullable=False),  # JSON
    Column("figures_sha256", String(SHA256), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("searched", Text, nullable=False),
    Column("state", String(WORD), nullable=False),
    Column("assignee", String(NAME)),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(
        ["bundle_sha256", "drug"], ["review_drugs.bundle_sha256", "review_drugs.drug"]
    ),
)
# A page of the queue is a stretch of one of these.
for _leading in ((), ("bundle_sha256",), ("bundle_sha256", "state"), ("bundle_sha256", "drug"),
                 ("bundle_sha256", "kind"), ("assignee",)):  # fmt: skip
    Index(None, *(review_findings.c[name] for name in (*_leading, "priority", "id")))

review_entries = Table(
    "review_entries",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("finding_id", String(32), ForeignKey("review_findings.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", String(WORD), nullable=False),
    Column("state", String(WORD), nullable=False),  # of the finding, from this entry on
    Column("withdraws", Integer),  # version of the entry that is taken back
    Column("comment", Text, nullable=False),
    Column("reference", String(500)),
    Column("figures_sha256", String(SHA256), nullable=False),
    Column("reviewer", String(NAME), nullable=False),
    Column("key_id", String(NAME), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    UniqueConstraint("finding_id", "version"),
)

review_assignments = Table(
    "review_assignments",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("finding_id", String(32), ForeignKey("review_findings.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("assignee", String(NAME)),
    Column("reviewer", String(NAME), nullable=False),
    Column("key_id", String(NAME), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    UniqueConstraint("finding_id", "version"),
)

review_sign_offs = Table(
    "review_sign_offs",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("bundle_sha256", String(SHA256), nullable=False),
    Column("drug", String(NAME), nullable=False),
    Column("decision", String(WORD), nullable=False),
    Column("limits", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("figures_sha256", String(SHA256), nullable=False),
    Column("reviewer", String(NAME), nullable=False),
    Column("key_id", String(NAME), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    ForeignKeyConstraint(
        ["bundle_sha256", "drug"], ["review_drugs.bundle_sha256", "review_drugs.drug"]
    ),
    Index(None, "bundle_sha256", "drug", "id"),
)
