"""Wrong keys: how many an address may try, and which were refused a moment ago."""

from __future__ import annotations

from collections.abc import Callable

from serving.access.rate_limits import RateLimiter, address_group
from serving.errors import UnauthenticatedError

REFUSED_SECONDS = 10.0
MOST_REFUSED = 10_000


class Guesses:
    """Counts wrong keys by address, and remembers them for ten seconds.

    Parameters
    ----------
    monotonic
        Seconds of a clock that never goes back.
    per_minute
        Wrong keys that one address may try.
    """

    def __init__(self, *, monotonic: Callable[[], float], per_minute: int) -> None:
        self._monotonic = monotonic
        self._per_minute = per_minute
        self._failures = RateLimiter(monotonic=monotonic)
        self._refused_until: dict[bytes, float] = {}

    def check(self, client_host: str | None) -> None:
        """Let an address try a key.

        Raises
        ------
        RateLimitedError
            If too many wrong ones came from there.
        """
        self._failures.check(address_group(client_host), self._per_minute)

    def failed(self, error: UnauthenticatedError, client_host: str | None) -> UnauthenticatedError:
        """Count a wrong key, and give the error back.

        Raises
        ------
        RateLimitedError
            Beyond the limit the address hears this instead.
        """
        self._failures.take(address_group(client_host), self._per_minute)
        return error

    def was_refused(self, digest: bytes) -> bool:
        """Whether the database need not be asked again about a key."""
        return self._refused_until.get(digest, 0.0) > self._monotonic()

    def refuse(self, digest: bytes) -> None:
        """Remember that a key lets nobody in."""
        if len(self._refused_until) >= MOST_REFUSED:
            self._refused_until.clear()
        self._refused_until[digest] = self._monotonic() + REFUSED_SECONDS
