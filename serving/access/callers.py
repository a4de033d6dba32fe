"""Who calls, and what that caller may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from serving.errors import RequestError


class ScopeError(RequestError):
    """A word that is no scope."""


class Scope(StrEnum):
    """What a key is for; `admin` holds all the others."""

    PREDICT = "predict"
    REVIEW = "review"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever made a request.

    Attributes
    ----------
    key_id
        Public part of the key; "oidc:<subject>" for a token; None in open mode.
    name
        Name that the key was given.
    scopes
        What the caller may do, `admin` already resolved into all scopes.
    open_mode
        No key was asked for.
    expires_at
        Seconds since 1970; None for a key that does not expire.
    rate_per_minute
        The key's own limit; None for that of the service.
    """

    key_id: str | None
    name: str
    scopes: frozenset[Scope]
    open_mode: bool = False
    expires_at: float | None = None
    rate_per_minute: int | None = None

    @property
    def limit_key(self) -> str:
        """What requests are counted under."""
        return self.key_id or "open-mode"


# Without `admin`: whoever reaches an open service must not be able to make lasting keys.
OPEN_MODE_CALLER = Caller(
    None, "open mode", frozenset({Scope.PREDICT, Scope.REVIEW, Scope.OPERATE}), open_mode=True
)


def parse_scopes(words: Sequence[str]) -> tuple[Scope, ...]:
    """Read scopes, in their fixed order and each once.

    Raises
    ------
    ScopeError
        If a word is no scope, or none is given.
    """
    unknown = sorted(set(words) - {scope.value for scope in Scope})
    if unknown or not words:
        raise ScopeError(
            f"No such scope: {', '.join(unknown)[:100]}." if unknown else "No scope was named.",
            needed=f"one or more of {', '.join(Scope)}.",
            remedy="a key that only predicts needs the scope predict.",
        )
    return tuple(scope for scope in Scope if scope.value in words)


def held_scopes(scopes: Sequence[Scope]) -> frozenset[Scope]:
    """Resolve `admin` into all scopes."""
    return frozenset(Scope) if Scope.ADMIN in scopes else frozenset(scopes)


def seconds_of(time: datetime | None) -> float | None:
    """Seconds since 1970 of a point in time."""
    return None if time is None else time.timestamp()
