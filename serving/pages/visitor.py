"""Whether whoever opens a page may see what it holds.

A page can be opened without a key: a browser sends none by itself. What a route of the API would
ask a key for is left out then, and the page asks for the key, fetches itself again with it, and
shows what it gets.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from features.errors import CupromarkError
from serving.access.callers import Scope
from serving.access.credentials import read_credential
from serving.access.opening import Access
from serving.access.requirement import authorize
from serving.errors import ServingError


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page.

    Attributes
    ----------
    may_see
        Whether the page shows what needs the scope predict.
    refusal
        Why not; None where no key came.
    """

    may_see: bool
    refusal: CupromarkError | None = None


async def receive_visitor(access: Access, request: Request) -> Visitor:
    """Look at the key that came with the request, if one did; never refuse the page itself."""
    try:
        await authorize(access, request.scope, Scope.PREDICT)
    except ServingError as error:
        return Visitor(may_see=False, refusal=error if _came_with_key(request, access) else None)
    return Visitor(may_see=True)


def _came_with_key(request: Request, access: Access) -> bool:
    """Whether there is something to say about the refusal: in open mode there always is."""
    if access.open_mode:
        return True
    try:
        return read_credential(request.scope["headers"]) is not None
    except ServingError:
        return True
