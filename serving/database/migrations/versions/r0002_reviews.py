"""The review desk; the database itself refuses to change what was found, said and decided."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from serving.database.metadata import UtcTime

revision = "0002"
down_revision = "0001"

APPEND_ONLY = (
    "review_bundles", "review_drugs", "review_entries", "review_assignments", "review_sign_offs",
)  # fmt: skip
FOUND = (
    "id", "bundle_sha256", "drug", "kind", "subject", "summary", "figures", "figures_sha256",
    "priority", "searched",
)  # fmt: skip
FINDING_INDEXES = (
    (), ("bundle_sha256",), ("bundle_sha256", "state"), ("bundle_sha256", "drug"),
    ("bundle_sha256", "kind"), ("assignee",),
)  # fmt: skip
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and what guards them."""
    _make_bundles()
    _make_findings()
    _make_histories()
    _make_sign_offs()
    guards = _sqlite_guards() if op.get_bind().dialect.name == "sqlite" else _postgres_guards()
    for statement in guards:
        op.execute(sa.text(statement))


def _make_bundles() -> None:
    op.create_table(
        "review_bundles",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("cohort", sa.String(200), nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
    )
    op.create_table(
        "review_drugs",
        sa.Column(
            "bundle_sha256", sa.String(64), sa.ForeignKey("review_bundles.sha256"), primary_key=True
        ),
        sa.Column("drug", sa.String(200), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("figures_sha256", sa.String(64), nullable=False),
    )


def _make_findings() -> None:
    op.create_table(
        "review_findings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("drug", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("figures_sha256", sa.String(64), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("assignee", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        _of_drug(),
    )
    for leading in FINDING_INDEXES:
        columns = (*leading, "priority", "id")
        op.create_index(f"ix_review_findings_{'_'.join(columns)}", "review_findings", columns)


def _make_histories() -> None:
    op.create_table(
        "review_entries",
        *_of_finding(),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("withdraws", sa.Integer),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("reference", sa.String(500)),
        sa.Column("figures_sha256", sa.String(64), nullable=False),
        *_by_whom(),
        sa.UniqueConstraint("finding_id", "version"),
    )
    op.create_table(
        "review_assignments",
        *_of_finding(),
        sa.Column("assignee", sa.String(200)),
        *_by_whom(),
        sa.UniqueConstraint("finding_id", "version"),
    )


def _make_sign_offs() -> None:
    op.create_table(
        "review_sign_offs",
        sa.Column("id", ROW_NUMBER, primary_key=True),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("drug", sa.String(200), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("limits", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("figures_sha256", sa.String(64), nullable=False),
        *_by_whom(),
        _of_drug(),
        sa.Index("ix_review_sign_offs_bundle_sha256_drug_id", "bundle_sha256", "drug", "id"),
    )


def _of_drug() -> sa.ForeignKeyConstraint:
    ours = ["bundle_sha256", "drug"]
    return sa.ForeignKeyConstraint(ours, [f"review_drugs.{name}" for name in ours])


def _of_finding() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", ROW_NUMBER, primary_key=True),
        sa.Column("finding_id", sa.String(32), sa.ForeignKey("review_findings.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _by_whom() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("key_id", sa.String(200), nullable=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
    )


def _guarded() -> Iterator[tuple[str, str, str]]:
    """Yield the name of a guard, what it holds off, and from which table."""
    for table in APPEND_ONLY:
        yield f"{table}_unchanged", "UPDATE", table
        yield f"{table}_kept", "DELETE", table
    yield "review_findings_unchanged", f"UPDATE OF {', '.join(FOUND)}", "review_findings"
    yield "review_findings_kept", "DELETE", "review_findings"


def _sqlite_guards() -> Iterator[str]:
    for name, what, table in _guarded():
        yield (
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _postgres_guards() -> Iterator[str]:
    yield """CREATE FUNCTION reviews_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""
    for name, what, table in _guarded():
        yield (
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reviews_append_only()"
        )
    for table in (*APPEND_ONLY, "review_findings"):
        yield (
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reviews_append_only()"
        )
