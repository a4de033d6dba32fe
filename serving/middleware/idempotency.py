"""Idempotency-Key: a request that is sent again gets the answer that it got the first time.

Answers are kept in memory, by caller: a restart forgets them. Only answers of success are kept,
because anything else either changed nothing or may be different the next time. Routes that keep the
keys of their requests themselves, for longer than a process lives, are left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import IdempotencyKeyError, RequestTooLargeError
from serving.middleware.answer_store import AnswerStore
from serving.request_context import context_of

LONGEST_KEY = 255
IDENTIFYING = frozenset({b"content-type", b"accept"})  # beside the body: the same question

Identify = Callable[[MutableMapping[str, Any]], Awaitable[str]]


class Idempotency:
    """Answers a POST with a known Idempotency-Key from the store.

    Parameters
    ----------
    app
        The next layer.
    answers
        Where answers are kept.
    identify
        Tells who calls, and raises where nobody valid does: a revoked key gets no old answer.
    most_body_bytes
        Of a request with such a key, which is held in memory.
    keeps_keys
        Tells the paths of routes that keep the keys themselves.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answers: AnswerStore,
        identify: Identify,
        most_body_bytes: int,
        keeps_keys: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._app = app
        self._answers = answers
        self._identify = identify
        self._most_body_bytes = most_body_bytes
        self._keeps_keys = keeps_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        key = _key(scope["headers"]) if scope.get("method") == "POST" else None
        if key is None or self._keeps_keys(scope["path"]):
            await self._app(scope, receive, send)
            return
        name = (await self._identify(scope), key)
        body = await self._read(receive)
        stored = self._answers.begin(name, _fingerprint(scope, body))
        if stored is not None:
            for message in _marked(stored.messages):
                await send(message)
            return
        recording = _Recording(send)
        try:
            await self._app(scope, _replay(body, receive), recording.send)
        finally:
            number = context_of(scope).approvals_number
            self._answers.end(name, recording.whole(), approvals_number=number)

    async def _read(self, receive: Receive) -> bytes:
        pieces, n_bytes, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientDisconnect  # what came so far is not what was asked
            pieces.append(message.get("body", b""))
            n_bytes += len(pieces[-1])
            more = message.get("more_body", False)
            if n_bytes > self._most_body_bytes:
                raise RequestTooLargeError(
                    "The body is too large for a request with an Idempotency-Key.",
                    needed=f"a body of at most {self._most_body_bytes:,} bytes.",
                    remedy="leave the key out: predictions change nothing and can be asked again.",
                )
        return b"".join(pieces)


class _Recording:
    """Sends an answer on, and remembers it while it is a single piece of success."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self._messages.append({**message})  # layers further out change the headers in place
        await self._send(message)

    def whole(self) -> tuple[Message, ...]:
        messages = self._messages
        if len(messages) != 2 or messages[1].get("more_body", False):
            return ()
        return tuple(messages) if 200 <= messages[0].get("status", 500) < 300 else ()


def _key(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    found = [value for name, value in headers if name == b"idempotency-key"]
    if not found:
        return None
    if len(found) > 1 or not 0 < len(found[0]) <= LONGEST_KEY:
        raise IdempotencyKeyError(
            "The Idempotency-Key cannot be used.",
            needed=f"one key of 1 to {LONGEST_KEY} characters.",
            remedy="make a key such as a UUID.",
        )
    return found[0]


def _fingerprint(scope: Scope, body: bytes) -> bytes:
    parts = [scope["method"].encode(), scope["path"].encode(), scope["query_string"]]
    parts += sorted(name + value for name, value in scope["headers"] if name in IDENTIFYING)
    digest = hashlib.sha256(b"\0".join(parts) + b"\0\0")
    digest.update(body)
    return digest.digest()


def _replay(body: bytes, receive: Receive) -> Receive:
    is_read = False

    async def replayed() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _marked(messages: tuple[Message, ...]) -> list[Message]:
    begin, *rest = messages
    marked = [*begin.get("headers", ()), (b"idempotency-replayed", b"true")]
    return [{**begin, "headers": marked}, *({**message} for message in rest)]
