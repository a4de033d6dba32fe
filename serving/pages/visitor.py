"""Who looks at a page: whoever is logged in, or sends a key, or nobody in particular."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request

from serving.access.callers import Caller, Scope
from serving.access.credentials import read_credential
from serving.access.opening import Access
from serving.access.requirement import authorize
from serving.access.session_tokens import page_token
from serving.errors import ServingError
from serving.reviews.reviewers import Role, role_of


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page.

    Attributes
    ----------
    name
        Of the key; None for nobody in particular, in open mode too.
    role
        At the review desk; None for one who may not even look.
    scopes
        What the visitor may do.
    csrf_token
        What requests of the page show in X-CSRF-Token; None where no login speaks for them.
    """

    name: str | None = None
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    csrf_token: str | None = None

    @property
    def is_logged_in(self) -> bool:
        """Whether a login's cookie came, rather than a key or nothing."""
        return self.csrf_token is not None

    @property
    def may_write_reviews(self) -> bool:
        """Whether the visitor has the scope review, and a name to put under what is written."""
        return self.name is not None and Scope.REVIEW in self.scopes


NOBODY = Visitor()


async def receive_visitor(access: Access, request: Request, *needed: Scope) -> Visitor:
    """Let in whoever holds one of the scopes.

    Raises
    ------
    ServingError
        As in `serving.access.requirement.authorize`.
    """
    return visitor_of(access, request, await authorize(access, request.scope, *needed))


async def greet_visitor(access: Access, request: Request) -> Visitor:
    """Look who opens a page that everybody may see; never refuse it."""
    scope, client = request.scope, request.client
    host = client.host if client else None
    try:
        # A greeting changes nothing, whatever the request would have changed.
        caller = await access.authenticator.authenticate_async(scope["headers"], host, "GET")
    except ServingError:
        return NOBODY
    return visitor_of(access, request, caller)


def greeted(access: Access) -> Callable[..., Awaitable[Visitor]]:
    """Make a dependency that gives the visitor of a page that everybody may see."""

    async def visitor(request: Request) -> Visitor:
        return await greet_visitor(access, request)

    return visitor


def visitor_of(access: Access, request: Request, caller: Caller) -> Visitor:
    """Describe a caller as a visitor of a page."""
    name = None if caller.open_mode else caller.name
    secret = None
    if not caller.open_mode and read_credential(request.scope["headers"]) is None:
        secret = access.cookies.read_session(request.scope["headers"])
    token = None if secret is None else page_token(secret)
    return Visitor(name, role_of(caller), caller.scopes, token)
