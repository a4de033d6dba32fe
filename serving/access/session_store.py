"""Logins in the database: opened, read, used and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from serving.access.audit_entries import AuditEntry, insert_entries
from serving.access.callers import Caller, Scope
from serving.access.session_records import Session, session_of
from serving.access.session_tokens import make_secret, secret_digest
from serving.access.tables import sessions
from serving.database.engine import Database

NAME_LENGTH = 200


class SessionStore:
    """The table of sessions.

    Parameters
    ----------
    database
        Its tables are up to date.
    clock
        Seconds since 1970.
    idle_seconds
        A login that nobody used for this long is over.
    longest_seconds
        And so is one of this age.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float],
        idle_seconds: float,
        longest_seconds: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self.idle_seconds = idle_seconds
        self.longest_seconds = longest_seconds

    def open(self, caller: Caller) -> tuple[str, Session]:
        """Open a login for whoever showed a key, and write that down; gives its secret too.

        Logins that are over are removed in passing.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; nobody is logged in then.
        """
        now, secret = self._clock(), make_secret()
        ends_at = min(now + self.longest_seconds, caller.expires_at or float("inf"))
        row = {
            "digest": secret_digest(secret),
            "key_id": (caller.key_id or "")[:NAME_LENGTH],
            "caller": caller.name[:NAME_LENGTH],
            "scopes": " ".join(scope for scope in Scope if scope in caller.scopes),
            "created_at": _moment(now),
            "last_used_at": _moment(now),
            "expires_at": _moment(ends_at),
        }
        is_over = (sessions.c.expires_at <= _moment(now)) | (
            sessions.c.last_used_at <= _moment(now - self.idle_seconds)
        )
        entry = AuditEntry(at=now, action="login", key_id=caller.key_id, caller=caller.name)
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(is_over))
            connection.execute(insert(sessions).values(row))
            insert_entries(connection, [entry])
            made = connection.execute(select(sessions).where(_is(row["digest"]))).one()
        return secret, session_of(made)

    def read(self, digest: bytes) -> Session | None:
        """Look a login up by the digest of its secret.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(sessions).where(_is(digest))).first()
        return None if row is None else session_of(row)

    def note_use(self, digest: bytes, at: float) -> None:
        """Write down that a login was used."""
        with self._database.writing() as connection:
            connection.execute(update(sessions).where(_is(digest)).values(last_used_at=_moment(at)))

    def count(self, key_id: str) -> int:
        """Count the logins of a key, those that ran out a moment ago included."""
        query = select(func.count()).select_from(sessions).where(sessions.c.key_id == key_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def end(self, digest: bytes, *, everywhere: bool = False) -> int:
        """End a login, or all logins of its key; gives how many ended.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; the login goes on then.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(sessions).where(_is(digest))).first()
            if row is None:
                return 0
            ended = sessions.c.key_id == row.key_id if everywhere else _is(digest)
            count = connection.execute(delete(sessions).where(ended)).rowcount
            action = "logout.everywhere" if everywhere else "logout"
            detail = f"{count} logins" if everywhere else None
            entry = AuditEntry(self._clock(), action, row.key_id, row.caller, detail=detail)
            insert_entries(connection, [entry])
        return count


def _is(digest: object) -> ColumnElement[bool]:
    return sessions.c.digest == digest


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
