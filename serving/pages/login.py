"""/login, /logout and /session: plain forms, which need no script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from serving.access.callers import Scope
from serving.access.opening import Access
from serving.access.requirement import public
from serving.access.session_login import log_in, log_out
from serving.access.session_origin import refuse_other_origins, token_error
from serving.access.session_tokens import is_page_token, make_secret, page_token
from serving.errors import (
    CrossSiteError,
    MalformedBodyError,
    RequestTooLargeError,
    ServingError,
    UnauthenticatedError,
)
from serving.pages.next_page import next_page
from serving.pages.session_page import session_page
from serving.pages.site import Site, Values
from serving.pages.visitor import greet_visitor
from serving.reading_pages import OWN
from serving.request_context import context_of
from serving.services import Services

LONGEST_FORM, MOST_FIELDS = 16 * 1024, 10
TOKEN = "csrf_token"  # noqa: S105 - the name of a field


def login_router(services: Services) -> APIRouter:
    """Pages of logging in and out."""
    everybody = [Depends(public(services.access))]
    router = APIRouter(include_in_schema=False, dependencies=everybody)
    door = _Door(Site(services), services.access)
    router.get("/login")(door.show)
    router.post("/login")(door.enter)
    router.post("/logout")(door.leave)
    router.get("/session")(door.tell)
    return router


@dataclass(frozen=True, slots=True)
class _Door:
    site: Site
    access: Access

    async def show(self, request: Request) -> Response:
        """Show the form."""
        return await self._form(request, next_page(request.query_params.get("next")))

    async def enter(self, request: Request) -> Response:
        """Log in whoever shows a good key, and lead them on."""
        following = "/"
        try:
            fields = await _read_form(request)
            following = next_page(fields.get("next"))
            self._refuse_foreign_form(request, fields)
            login = await log_in(
                self.access,
                fields.get("key", ""),
                request.client.host if request.client else None,
                former=self.access.cookies.read_session(request.scope["headers"]),
            )
        except ServingError as error:
            return await self._form(request, following, error)
        cookies, clock = self.access.cookies, self.site.services.clock
        answer = _redirect(request, following)
        seconds = max(login.session.expires_at - clock(), 1)
        answer.headers.append("Set-Cookie", cookies.set_session(login.secret, seconds=seconds))
        answer.headers.append("Set-Cookie", cookies.clear_login())
        return answer

    async def tell(self, request: Request) -> Response:
        """Say who is logged in, since when and until when."""
        return await self.site.show(
            request,
            "session.html",
            lambda: session_page(self.site.services, request),
            scopes=tuple(Scope),
            page="session",
        )

    async def leave(self, request: Request) -> Response:
        """Log out, here or everywhere."""
        cookies = self.access.cookies
        secret = cookies.read_session(request.scope["headers"])
        try:
            if secret is not None:
                fields = await _read_form(request)
                refuse_other_origins(request.scope["headers"])
                if not is_page_token(fields.get(TOKEN, ""), secret):
                    raise token_error("in the form")
                await log_out(self.access, secret, everywhere="everywhere" in fields)
        except ServingError as error:
            visitor = await greet_visitor(self.access, request)
            return self.site.fail(request, error, visitor=visitor)
        answer = _redirect(request, "/login?left=1")
        answer.headers.append("Set-Cookie", cookies.clear_session())
        return answer

    def _refuse_foreign_form(self, request: Request, fields: Mapping[str, str]) -> None:
        """Let nobody log somebody else's browser in under a name of their own."""
        headers = request.scope["headers"]
        refuse_other_origins(headers)
        secret = self.access.cookies.read_login(headers)
        if secret is None or not is_page_token(fields.get(TOKEN, ""), secret):
            raise CrossSiteError(
                "The form was open for more than an hour, or the browser keeps no cookies here.",
                needed="a browser that keeps cookies of this service"
                + (" and reaches it over https." if self.access.cookies.secure else "."),
                remedy="give the key once more.",
            )

    async def _form(
        self, request: Request, following: str, error: ServingError | None = None
    ) -> Response:
        cookies = self.access.cookies
        secret = cookies.read_login(request.scope["headers"]) or make_secret()
        values: Values = {
            "page": "login",
            "following": following,
            "token": page_token(secret),
            "left": "left" in request.query_params,
            "takes_tokens": self.site.services.settings.oidc_issuer is not None,
        }
        visitor = await greet_visitor(self.access, request)
        if error is None:
            answer = self.site.render(request, "login.html", visitor, **values)
        else:
            if isinstance(error, UnauthenticatedError):
                context_of(request.scope).action = "login.failed"
            answer = self.site.fail(
                request, error, visitor=visitor, template="login.html", **values
            )
        answer.headers.append("Set-Cookie", cookies.set_login(secret))
        return answer


async def _read_form(request: Request) -> dict[str, str]:
    """Read the few fields of a form that a page of ours sends; of two of a name, the last."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LONGEST_FORM:
            raise RequestTooLargeError(
                "The form is too large.",
                needed=f"at most {LONGEST_FORM:,} bytes.",
                remedy="give an API key and nothing else.",
            )
    try:
        pairs = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise MalformedBodyError(
            "The form cannot be read.",
            needed="the form of the page, as a browser sends it.",
            remedy="load the page again.",
        ) from None
    return dict(pairs)


def _redirect(request: Request, address: str) -> Response:
    root = quote(request.scope.get("root_path", ""), safe="/")
    return RedirectResponse(f"{root}{address}", status_code=303, headers=OWN)
