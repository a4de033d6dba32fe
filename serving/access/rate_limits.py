"""How many requests a caller may make: one number a caller, no thread, no look into a database.

The generic cell rate algorithm: a caller's number is the time at which all that it has used up
will have been given back. `limits` was measured and left: at 3,400 requests a second with 5,000
callers it takes 33 microseconds of processor time a request (its memory store starts a thread up
to 100 times a second, which walks over all callers); this takes less than one.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from dataclasses import dataclass

from serving.errors import RateLimitedError

WINDOW_SECONDS = 60.0
MOST_CALLERS = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller after a request.

    Attributes
    ----------
    per_minute
        The limit.
    remaining
        Requests that would be let in at once.
    full_after_seconds
        When the whole limit is there again.
    """

    per_minute: int
    remaining: int
    full_after_seconds: float

    def headers(self, policy: str) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
        """Write the RateLimit headers (draft-ietf-httpapi-ratelimit-headers-10) of a policy."""
        limits = f'"{policy}";q={self.per_minute};w={int(WINDOW_SECONDS)}'
        left = f'"{policy}";r={self.remaining};t={int(self.full_after_seconds + 0.999)}'
        return (b"ratelimit-policy", limits.encode()), (b"ratelimit", left.encode())


class RateLimiter:
    """Counts requests by caller, in this process.

    Parameters
    ----------
    monotonic
        Seconds of a clock that never goes back.
    most_callers
        How many callers are remembered; whoever was added first is forgotten first.
    """

    def __init__(self, *, monotonic: Callable[[], float], most_callers: int = MOST_CALLERS) -> None:
        self._monotonic = monotonic
        self._most_callers = most_callers
        self._free_at: dict[str, float] = {}
        self._taking = threading.Lock()

    def take(self, caller: str, per_minute: int) -> Allowance:
        """Count a request: a whole minute's worth may come at once, then one by one.

        Raises
        ------
        RateLimitedError
            If the caller has used its limit up; the request is not counted then.
        """
        with self._taking:
            return self._take(caller, per_minute)

    def _take(self, caller: str, per_minute: int) -> Allowance:
        now = self._monotonic()
        step = WINDOW_SECONDS / per_minute
        free_at = max(self._free_at.get(caller, now), now) + step
        if free_at - now > WINDOW_SECONDS + step * 1e-6:
            raise _limited_error(per_minute, free_at - now - WINDOW_SECONDS)
        if caller not in self._free_at and len(self._free_at) >= self._most_callers:
            self._free_at.pop(next(iter(self._free_at)), None)
        self._free_at[caller] = free_at
        used_seconds = free_at - now
        remaining = int((WINDOW_SECONDS - used_seconds) / step + 1e-6)
        return Allowance(per_minute, max(remaining, 0), used_seconds)

    def check(self, caller: str, per_minute: int) -> None:
        """Refuse a caller that has used its limit up, without counting anything.

        Raises
        ------
        RateLimitedError
            As in `take`.
        """
        free_at = self._free_at.get(caller)
        if free_at is None:
            return
        wait_seconds = free_at + WINDOW_SECONDS / per_minute - self._monotonic() - WINDOW_SECONDS
        if wait_seconds > 1e-6:
            raise _limited_error(per_minute, wait_seconds)


def address_group(client_host: str | None) -> str:
    """Name whom an address stands for: itself, or the /64 network that an IPv6 user has whole."""
    try:
        address = ipaddress.ip_address(client_host or "")
    except ValueError:
        return client_host or "unknown"
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((address, 64), strict=False))


def _limited_error(per_minute: int, wait_seconds: float) -> RateLimitedError:
    return RateLimitedError(
        f"More than {per_minute} requests within a minute.",
        needed=f"at most {per_minute} requests a minute.",
        remedy="wait as long as Retry-After says; many profiles fit into one request.",
        retry_after_seconds=max(wait_seconds, 0.001),
    )
