"""Reading what a request carries, without a framework's request object."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from serving.errors import InvalidField, UnsupportedMediaError
from serving.predictions.fields import invalid

JSON = "application/json"


def header_of(scope: Scope, name: bytes) -> str | None:
    """Return a header by its lower-case name; None where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


async def read_body(receive: Receive) -> bytes:
    """Read the whole body; the layers around bound its size and its time."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        return body
    pieces = []
    while message["type"] == "http.request":
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)
        message = await receive()
    raise ClientDisconnect


def is_json(scope: Scope) -> bool:
    """Whether the body is said to be JSON; a body of which nothing is said counts as JSON."""
    content_type = header_of(scope, b"content-type") or JSON
    return content_type.partition(";")[0].strip().lower() == JSON


async def read_json_body(scope: Scope, receive: Receive) -> bytes:
    """Read the whole body of a request that must be JSON.

    Raises
    ------
    UnsupportedMediaError
        The body is said to be something else.
    """
    if not is_json(scope):
        raise UnsupportedMediaError(
            "The body is not said to be JSON.",
            needed="Content-Type: application/json.",
            remedy="send JSON.",
        )
    return await read_body(receive)


def refuse_query(scope: Scope) -> None:
    """Refuse options in the address of a JSON request, where they would say nothing.

    Raises
    ------
    InvalidRequestError
        There are some.
    """
    if scope["query_string"]:
        raise invalid(InvalidField("?", "must be empty: options stand in the JSON document"))


async def send_body(
    send: Send, body: bytes, media_type: str, *, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Answer with a body that is whole."""
    all_headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})
