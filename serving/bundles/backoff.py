"""Waits that grow while something keeps failing."""

from __future__ import annotations


class Backoff:
    """Doubles from `first_seconds` up to `longest_seconds`.

    Parameters
    ----------
    first_seconds, longest_seconds
        Waits after the first failure, and after many.
    """

    def __init__(self, *, first_seconds: float, longest_seconds: float) -> None:
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._next_seconds = first_seconds

    def next_seconds(self) -> float:
        """Return how long to wait now; longer the next time."""
        wait = self._next_seconds
        self._next_seconds = min(2 * wait, self._longest_seconds)
        return wait

    def reset(self) -> None:
        """Start small again: something worked."""
        self._next_seconds = self._first_seconds
