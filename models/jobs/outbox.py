"""Notifications that wait to be delivered, kept in the database of the jobs until they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.jobs.database import reading, writing
from models.jobs.job import OVER, JobState
from models.jobs.tables import jobs, notifications

# Pauses after an attempt that failed, in seconds; after the last one it is given up.
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)
CLAIM_SECONDS = 60.0
LOOK_BACK_SECONDS, MOST_LOOK_BACK_SECONDS = 600.0, 7 * 86_400.0
MOST_TROUBLE = 300


@dataclass(frozen=True, slots=True)
class Notification:
    """A message to one address.

    Attributes
    ----------
    message_id
        The same at every attempt, for receivers that keep out repeats.
    event
        Such as `job.promoted`.
    body
        JSON text that is sent, to the byte.
    next_at
        Seconds since 1970 of the next attempt; None once it was delivered or given up.
    trouble
        Why the last attempt failed.
    """

    number: int
    message_id: str
    url: str
    event: str
    body: str
    created_at: float
    next_at: float | None
    n_attempts: int
    delivered_at: float | None
    trouble: str | None

    def to_json(self) -> dict[str, Any]:
        """Give its fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def untold_since(engine: Engine, *, now: float) -> float:
    """Tell from when on jobs may have ended of which nobody was told: as workers come and go.

    That is ten minutes before the newest notification, of a week at most; without any, ten minutes
    ago: whoever sets an address is not told of all that ever was.
    """
    newest = select(func.max(notifications.c.created_at))
    with reading(engine) as connection:
        posted_at = connection.execute(newest).scalar_one()
    return max(min(posted_at or now, now), now - MOST_LOOK_BACK_SECONDS) - LOOK_BACK_SECONDS


def post_ended_jobs(
    engine: Engine, urls: Iterable[str], events: Iterable[str], *, since: float, now: float
) -> int:
    """Put a notification for every job that ended into the outbox, once a job, end and address.

    Parameters
    ----------
    events
        Outcomes (`promoted`, `refused`, ...) and states (`failed`, `cancelled`) to tell about.
    since
        Jobs that ended before are left alone, in seconds since 1970.

    Returns
    -------
    int
        How many were new.
    """
    wanted, addresses = frozenset(events), tuple(urls)
    ended = jobs.select().where(jobs.c.state.in_(OVER), jobs.c.ended_at >= since)
    with writing(engine) as connection:
        rows = connection.execute(ended.order_by(jobs.c.ended_at)).mappings().all()
        told = [row for row in rows if _what(row) in wanted]
        return sum(_post(connection, row, url, now) for row in told for url in addresses)


def claim_due(engine: Engine, *, now: float) -> Notification | None:
    """Take the message that has been due for longest; nobody else gets it for a minute.

    Its `next_at` is the end of that minute, which is the mark of this claim. None where none is
    due.
    """
    next_at = notifications.c.next_at
    due = select(notifications).where(next_at <= now).order_by(next_at, notifications.c.number)
    with writing(engine) as connection:
        # Of two workers on Postgres one passes over the row that the other is about to take.
        row = connection.execute(due.limit(1).with_for_update(skip_locked=True)).mappings().first()
        if row is None:
            return None
        claimed = dict(row) | {"next_at": now + CLAIM_SECONDS}
        this = notifications.c.number == row["number"]
        connection.execute(update(notifications).where(this).values(next_at=claimed["next_at"]))
    return Notification(**claimed)


def note_delivered(engine: Engine, message: Notification, *, now: float) -> None:
    """Note that the receiver took it, even where the claim has lapsed: nobody sends it again."""
    _note(engine, message, next_at=None, delivered_at=now, trouble=None)


def note_failed(engine: Engine, message: Notification, trouble: str, *, now: float) -> None:
    """Note why it was not taken, and when it is tried again, if at all.

    Where the claim has lapsed and another worker has it, or it was put before the courier again by
    hand, nothing is noted.
    """
    n_before = message.n_attempts
    next_at = now + PAUSES[n_before] if n_before < len(PAUSES) else None
    is_claimed = notifications.c.next_at == message.next_at
    _note(engine, message, is_claimed, next_at=next_at, trouble=trouble[:MOST_TROUBLE])


def list_notifications(engine: Engine, *, limit: int = 50) -> list[Notification]:
    """List messages, newest first."""
    query = notifications.select().order_by(notifications.c.number.desc()).limit(limit)
    with reading(engine) as connection:
        return [Notification(**row) for row in connection.execute(query).mappings()]


def try_again(engine: Engine, *, now: float) -> int:
    """Put every message that was not delivered before the courier again; give their number."""
    undelivered = notifications.c.delivered_at.is_(None)
    again = update(notifications).where(undelivered).values(next_at=now, n_attempts=0)
    with writing(engine) as connection:
        return int(connection.execute(again).rowcount)


def _what(row: Mapping[Any, Any]) -> str:
    return str(row["outcome"] if row["state"] == JobState.SUCCEEDED else row["state"])


def _post(connection: Connection, row: Mapping[Any, Any], url: str, now: float) -> bool:
    event = f"job.{_what(row)}"
    message = {
        # A job that was resumed ends again, and perhaps in the same attempt in the same state.
        "message_id": f"{row['job_id']}-{row['ended_at']:.3f}",
        "url": url,
        "event": event,
        "body": json.dumps({"event": event, "job": _told(row)}, separators=(",", ":")),
        "created_at": now,
        "next_at": now,
        "n_attempts": 0,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    # Another worker may post the same end at the same moment.
    post = dialect.insert(notifications).values(message).on_conflict_do_nothing()
    return bool(connection.execute(post).rowcount)


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Give what a stranger may learn of a job: no log, no figures of single drugs, no values."""
    names = ("job_id", "kind", "state", "outcome", "reason", "reasons", "version", "submitted_by")
    moments = ("submitted_at", "ended_at")
    return {name: row[name] for name in (*names, *moments)} | {
        "cohort": row["spec"].get("cohort"),
        "why": row["spec"].get("reason"),
    }


def _note(
    engine: Engine, message: Notification, *conditions: ColumnElement[bool], **values: Any
) -> None:
    this = notifications.c.number == message.number
    values["n_attempts"] = message.n_attempts + 1
    with writing(engine) as connection:
        connection.execute(update(notifications).where(this, *conditions).values(values))
