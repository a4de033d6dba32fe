"""Answers that may be asked for again, by caller and key, bounded in time and memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Message

from serving.errors import ConflictError, IdempotencyKeyError

MOST_ANSWERS = 10_000  # of small ones: each takes a kilobyte or two beside its body


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer, and the request that it belongs to.

    Attributes
    ----------
    fingerprint
        SHA-256 of method, address, form and body of the request.
    messages
        What was sent, begin and body.
    n_bytes
        Of the body.
    expires_at
        On the store's clock.
    approvals_number
        Which approvals it rests on; None where it rests on none.
    """

    fingerprint: bytes
    messages: tuple[Message, ...]
    n_bytes: int
    expires_at: float
    approvals_number: int | None = None


class AnswerStore:
    """Answers by caller and key, bounded in time and memory.

    Parameters
    ----------
    seconds
        How long an answer is kept.
    most_bytes
        What all bodies may take together; the oldest go first.
    monotonic
        Seconds of a clock that never goes back.
    approvals_number
        Of the approvals of the moment. A prediction that rests on others is made anew, which
        changes nothing but what it says: a drug that was rejected since is not given away.
    """

    def __init__(
        self,
        *,
        seconds: float,
        most_bytes: int,
        monotonic: Callable[[], float],
        approvals_number: Callable[[], int] = lambda: 0,
    ) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._monotonic = monotonic
        self._approvals_number = approvals_number
        self._answers: OrderedDict[tuple[str, bytes], StoredAnswer] = OrderedDict()
        self._in_flight: dict[tuple[str, bytes], bytes] = {}
        self._n_bytes = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of all bodies that are kept."""
        return self._n_bytes

    def begin(self, name: tuple[str, bytes], fingerprint: bytes) -> StoredAnswer | None:
        """Return the answer that is kept, or mark the request as in flight.

        Raises
        ------
        ConflictError
            The same request is being answered.
        IdempotencyKeyError
            The key belongs to another request.
        """
        self._drop_expired()
        stored = self._answers.get(name)
        known = stored.fingerprint if stored else self._in_flight.get(name)
        if known is not None and known != fingerprint:
            raise IdempotencyKeyError(
                "The Idempotency-Key came with another request before.",
                needed="a key of its own for every request.",
                remedy="make a new key, such as a UUID; send the old one only to try again.",
            )
        if stored is not None:
            if stored.approvals_number in (None, self._approvals_number()):
                return stored
            self._drop(name)
        if name in self._in_flight:
            raise ConflictError(
                "A request with this Idempotency-Key is still being answered.",
                needed="an answer to the first request.",
                remedy="wait for it, then ask again with the same key.",
            )
        self._in_flight[name] = fingerprint
        return None

    def end(
        self,
        name: tuple[str, bytes],
        messages: tuple[Message, ...],
        *,
        approvals_number: int | None = None,
    ) -> None:
        """Keep the answer to a request that was in flight; keep nothing without messages."""
        fingerprint = self._in_flight.pop(name)
        n_bytes = sum(len(message.get("body", b"")) for message in messages)
        if not messages or n_bytes > self._most_bytes:
            return
        expires_at = self._monotonic() + self._seconds
        self._answers[name] = StoredAnswer(
            fingerprint, messages, n_bytes, expires_at, approvals_number
        )
        self._n_bytes += n_bytes
        while self._n_bytes > self._most_bytes or len(self._answers) > MOST_ANSWERS:
            self._drop(next(iter(self._answers)))

    def _drop_expired(self) -> None:
        now = self._monotonic()
        while self._answers and next(iter(self._answers.values())).expires_at <= now:
            self._drop(next(iter(self._answers)))

    def _drop(self, name: tuple[str, bytes]) -> None:
        self._n_bytes -= self._answers.pop(name).n_bytes
