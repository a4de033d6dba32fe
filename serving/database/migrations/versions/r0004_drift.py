"""Drift: counts of profiles by bundle, caller and day; no profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.database.metadata import UtcTime

revision = "0004"
down_revision = "0003"

NUMBERS = (
    "n_profiles", "n_aligned", "coverage", "n_called", "no_calls", "no_calls_expected",
    "no_calls_excess_squared",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drift_references",
        sa.Column("bundle_sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
    )
    op.create_table(
        "drift_counts",
        sa.Column("bundle_sha256", sa.String(64), primary_key=True),
        sa.Column("caller", sa.String(200), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("counts", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in NUMBERS),
        sa.Index("ix_drift_counts_day", "day"),
    )
    op.create_table(
        "drift_submissions",
        sa.Column("bundle_sha256", sa.String(64), primary_key=True),
        sa.Column("job_id", sa.String(200), nullable=False),
        sa.Column("submitted_at", UtcTime, nullable=False),
    )
