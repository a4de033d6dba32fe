"""Keys in the database: made, listed, revoked, and read for checking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from serving.access.audit_entries import AuditEntry, insert_entries
from serving.access.callers import Caller, parse_scopes
from serving.access.key_records import KeyRecord, caller_of, record_of
from serving.access.keys import NewKey, digest_of, make_key
from serving.access.tables import api_keys, key_changes
from serving.database.engine import Database
from serving.errors import InvalidRequestError, NotFoundError

NAME_LENGTH = 200
MOST_PER_MINUTE = 1_000_000


class KeyStore:
    """The table of keys.

    Parameters
    ----------
    database
        Its tables are up to date.
    clock
        Seconds since 1970.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        created_by: str,
        expires_at: datetime | None = None,
        rate_per_minute: int | None = None,
    ) -> tuple[NewKey, KeyRecord]:
        """Make a key, and write down in the audit trail that it was made.

        Parameters
        ----------
        name
            For people: who or what the key is for.
        scopes
            Words of `Scope`.
        created_by
            Who makes it.
        expires_at
            When it stops working; never when None.
        rate_per_minute
            Its own limit instead of that of the service; 0 for none.

        Raises
        ------
        InvalidRequestError, ScopeError
            If the name is empty or too long, the end is past, or a scope is unknown.
        DatabaseAwayError
            If the database does not answer; no key was made then.
        """
        now = self._now()
        _check_name(name)
        _check_rate(rate_per_minute)
        if expires_at is not None and expires_at <= now:
            raise InvalidRequestError(
                "The key would have expired already.",
                needed="a time to come.",
                remedy="give a later end, such as 90d.",
            )
        held = parse_scopes(scopes)
        key = make_key()
        row = {
            "id": key.key_id,
            "digest": digest_of(key.text.encode("ascii")),
            "name": name,
            "scopes": " ".join(held),
            "rate_per_minute": rate_per_minute,
            "created_at": now,
            "created_by": created_by[:NAME_LENGTH],
            "expires_at": expires_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(api_keys).values(row))
            detail = f"{name}: {' '.join(held)}"
            self._note_change(connection, "key.created", key.key_id, created_by, detail)
        return key, self.get(key.key_id)

    def revoke(self, key_id: str, *, revoked_by: str) -> KeyRecord:
        """End a key for good; revoking it again changes nothing.

        Raises
        ------
        NotFoundError
            If there is no such key.
        DatabaseAwayError
            If the database does not answer; the key then still works.
        """
        known = self.get(key_id)
        if known.revoked_at is not None:
            return known
        with self._database.writing() as connection:
            still_valid = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
            connection.execute(update(api_keys).where(still_valid).values(revoked_at=self._now()))
            self._note_change(connection, "key.revoked", key_id, revoked_by, known.name)
        return self.get(key_id)

    def list(self) -> tuple[KeyRecord, ...]:
        """List all keys, newest first."""
        newest_first = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(newest_first).all()
        return tuple(record_of(row, self._now()) for row in rows)

    def get(self, key_id: str) -> KeyRecord:
        """Look a key up by its public part.

        Raises
        ------
        NotFoundError
            If there is no such key.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
        if row is None:
            raise NotFoundError(
                "There is no key of this id.",
                needed="the id of a key: the eight characters after cmk_.",
                remedy="see `cupromark keys list`.",
            )
        return record_of(row, self._now())

    def changes(self) -> int:
        """Count the changes of the table: as long as it stays, keys stay what they were."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(key_changes.c.changes))).scalar() or 0

    def callers(self) -> dict[bytes, Caller]:
        """Read all keys that are not revoked, by their digest; expired ones too."""
        usable = select(api_keys).where(api_keys.c.revoked_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(usable).all()
        return {row.digest: caller_of(row) for row in rows}

    def note_uses(self, used_at: Mapping[str, float]) -> None:
        """Write down when keys were last used: seconds since 1970 by the id of the key."""
        with self._database.writing() as connection:
            for key_id, seconds in used_at.items():
                moment = datetime.fromtimestamp(seconds, UTC)
                row = update(api_keys).where(api_keys.c.id == key_id)
                connection.execute(row.values(last_used_at=moment))

    def _note_change(
        self, connection: Connection, action: str, key_id: str, actor: str, detail: str
    ) -> None:
        connection.execute(update(key_changes).values(changes=key_changes.c.changes + 1))
        entry = AuditEntry(
            at=self._clock(), action=action, key_id=key_id, caller=actor, detail=detail
        )
        insert_entries(connection, [entry])

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise InvalidRequestError(
            "The name of the key is empty, too long, or holds control characters.",
            needed=f"a name of 1 to {NAME_LENGTH} printable characters.",
            remedy="say who or what the key is for, such as `clinic-export`.",
        )


def _check_rate(per_minute: int | None) -> None:
    if per_minute is not None and not 0 <= per_minute <= MOST_PER_MINUTE:
        raise InvalidRequestError(
            "The limit of the key is none that can be kept.",
            needed=f"a number of requests a minute up to {MOST_PER_MINUTE:,}.",
            remedy="give 0 for a key without a limit.",
        )
