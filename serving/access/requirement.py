"""What a route asks of its caller: a scope and a place within the rate limit.

A route of FastAPI takes `Annotated[Caller, Depends(requires(access, "predict"))]`; a bare ASGI
handler calls `await authorize(access, scope, Scope.PREDICT)`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from serving.access.callers import Caller, Scope
from serving.access.opening import Access
from serving.access.rate_limits import address_group
from serving.errors import ForbiddenError
from serving.request_context import context_of

# What the OpenAPI file says; the checking is `authorize`'s.
BEARER = HTTPBearer(
    scheme_name="bearer", description="An API key, beginning with cmk_.", auto_error=False
)
KEY_HEADER = APIKeyHeader(
    name="X-API-Key", scheme_name="key", description="The same key.", auto_error=False
)
OPENAPI_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}]


def requires(access: Access, *scopes: str) -> Callable[..., Awaitable[Caller]]:
    """Make a dependency that lets in callers who hold one of the scopes, and hands them on."""
    needed = tuple(map(Scope, scopes))

    async def caller_with_scope(
        request: Request,
        _bearer: Annotated[Any, Security(BEARER)],
        _key: Annotated[Any, Security(KEY_HEADER)],
    ) -> Caller:
        return await authorize(access, request.scope, *needed)

    return caller_with_scope


def public(access: Access) -> Callable[..., Awaitable[None]]:
    """Make a dependency of a route that needs no key: it counts requests by address."""

    async def counted_by_address(request: Request) -> None:
        count_address(access, request.scope)

    return counted_by_address


async def authorize(access: Access, scope: MutableMapping[str, Any], *needed: Scope) -> Caller:
    """Let a request in, or raise.

    The request's context learns who calls and gets the RateLimit headers.

    Parameters
    ----------
    access
        Keys and limits.
    scope
        The ASGI scope of the request.
    needed
        Scopes of which one is enough.

    Raises
    ------
    UnauthenticatedError, ContradictoryKeysError, CrossSiteError, DatabaseAwayError
        As in `Authenticator.authenticate`.
    ForbiddenError
        If the caller has none of these scopes.
    RateLimitedError
        If the caller has used its limit up.
    """
    client = scope.get("client")
    caller = await access.authenticator.authenticate_async(
        scope["headers"], client[0] if client else None, scope["method"]
    )
    context = context_of(scope)
    context.caller_key_id, context.caller_name = caller.key_id, caller.name
    if caller.scopes.isdisjoint(needed):
        raise ForbiddenError(
            f"The API key lacks the scope {' or '.join(needed)}.",
            needed=f"a key with the scope {' or '.join(needed)}, or admin.",
            remedy=f"ask for such a key: `cupromark keys create --scope {needed[-1]}`.",
        )
    own_limit = caller.rate_per_minute
    per_minute = access.rate_per_minute if own_limit is None else own_limit
    if per_minute:
        allowance = access.rates.take(caller.limit_key, per_minute)
        context.answer_headers.extend(allowance.headers("key"))
    return caller


def count_address(access: Access, scope: MutableMapping[str, Any]) -> None:
    """Count a request to a public route.

    Raises
    ------
    RateLimitedError
        If too many came from this address.
    """
    if not access.public_rate_per_minute:
        return
    client = scope.get("client")
    address = address_group(client[0] if client else None)
    allowance = access.public_rates.take(address, access.public_rate_per_minute)
    context_of(scope).answer_headers.extend(allowance.headers("address"))
