"""What is known about a login: everything but its secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from serving.access.callers import Caller, Scope, held_scopes

OIDC = "oidc:"


@dataclass(frozen=True, slots=True)
class Session:
    """A login.

    Attributes
    ----------
    digest
        SHA-256 of its secret.
    key_id
        Public part of the key that it was opened with; "oidc:<subject>" for a token.
    caller
        Name of the key as it was then.
    scopes
        Of the token. The scopes of a key are looked up each time.
    created_at, last_used_at, expires_at
        Seconds since 1970. `last_used_at` may be a minute old.
    """

    digest: bytes
    key_id: str
    caller: str
    scopes: tuple[Scope, ...]
    created_at: float
    last_used_at: float
    expires_at: float

    @property
    def is_of_token(self) -> bool:
        """Whether it was opened with a token of OpenID Connect, which no table lists."""
        return self.key_id.startswith(OIDC)

    def token_caller(self) -> Caller:
        """Tell whom the token of the login lets in."""
        return Caller(
            self.key_id, self.caller, held_scopes(self.scopes), expires_at=self.expires_at
        )


def session_of(row: Row[tuple[object, ...]]) -> Session:
    """Read a row of the table of sessions."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in Session.__slots__}
    for name in ("created_at", "last_used_at", "expires_at"):
        fields[name] = fields[name].timestamp()
    return Session(**fields | {"scopes": tuple(Scope(word) for word in row.scopes.split())})
