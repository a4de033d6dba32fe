"""Which retraining drift asked for last, by bundle."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from serving.database.engine import Database
from serving.drift.tables import drift_submissions


def last_submission(database: Database, bundle_sha256: str) -> datetime | None:
    """Tell when a retraining was asked for because of a bundle; None for never."""
    chosen = select(drift_submissions.c.submitted_at).where(
        drift_submissions.c.bundle_sha256 == bundle_sha256
    )
    with database.reading() as connection:
        asked_at: datetime | None = connection.execute(chosen).scalar()
    return asked_at


def note_submission(database: Database, bundle_sha256: str, job_id: str, now: datetime) -> None:
    """Note the retraining that was asked for.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    row = {"bundle_sha256": bundle_sha256, "job_id": job_id[:200], "submitted_at": now}
    same = drift_submissions.c.bundle_sha256 == bundle_sha256
    with database.writing() as connection:
        connection.execute(delete(drift_submissions).where(same))
        connection.execute(insert(drift_submissions).values(row))
