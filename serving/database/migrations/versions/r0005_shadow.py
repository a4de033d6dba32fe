"""Live shadow: sums of the differences between champion and challenger; no profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.database.metadata import UtcTime

revision = "0005"
down_revision = "0004"

COUNTS = ("n_requests", "n_refused", "n_failed", "n_profiles")
AMOUNTS = ("champion_seconds", "challenger_seconds", "champion_genes", "challenger_genes")
LABELS = ("no_call", "sensitive", "resistant")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shadow_pairs",
        sa.Column("challenger_sha256", sa.String(64), primary_key=True),
        sa.Column("champion_sha256", sa.String(64), primary_key=True),
        sa.Column("challenger", sa.String(200), nullable=False),
        sa.Column("champion", sa.String(200), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
        *(sa.Column(name, sa.Double, nullable=False) for name in AMOUNTS),
        sa.Column("first_at", UtcTime, nullable=False),
        sa.Column("last_at", UtcTime, nullable=False),
        sa.Index("ix_shadow_pairs_last_at", "last_at"),
    )
    op.create_table(
        "shadow_drugs",
        sa.Column("challenger_sha256", sa.String(64), primary_key=True),
        sa.Column("champion_sha256", sa.String(64), primary_key=True),
        sa.Column("drug", sa.String(200), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("missing", sa.BigInteger, nullable=False),
        sa.Column("total", sa.Double, nullable=False),
        sa.Column("squares", sa.Double, nullable=False),
        *(
            sa.Column(f"{one}_to_{other}", sa.BigInteger, nullable=False)
            for one in LABELS
            for other in LABELS
        ),
    )
