"""Every page of the site: its frame, what it says of the service, and its states.

A page is whole, or leads to the login, or says what went wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from features.errors import CupromarkError
from serving.access.callers import Scope
from serving.bundles.served import ServedBundle
from serving.errors import ServingError, UnauthenticatedError
from serving.pages.next_page import login_address
from serving.pages.visitor import NOBODY, Visitor, greet_visitor, receive_visitor
from serving.problems import problem_of
from serving.reading_pages import OWN, page
from serving.request_context import context_of
from serving.services import Services

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Makes pages from the collaborators of the service."""

    services: Services

    async def show(
        self,
        request: Request,
        template: str,
        values: Callable[[], Values] | None = None,
        *,
        scopes: Sequence[Scope] = (Scope.PREDICT,),
        **named: Any,
    ) -> Response:
        """Show a page, or what stands in its place.

        Whoever is not logged in is led to the login and back. The template finds the visitor in
        `visitor` (`serving.pages.visitor.Visitor`).

        Parameters
        ----------
        request
            What was asked.
        template
            Below `serving/templates/pages`.
        values
            Finds what the page holds, for whoever may see it; None where everybody may.
        scopes
            One of them is enough to see it.
        named
            Values that everybody may see.
        """
        access = self.services.access
        if values is None:
            return self.render(request, template, await greet_visitor(access, request), **named)
        try:
            visitor = await receive_visitor(access, request, *scopes)
        except UnauthenticatedError:
            return RedirectResponse(login_address(request), status_code=303, headers=OWN)
        except ServingError as error:
            visitor = await greet_visitor(access, request)
            return self.fail(request, error, visitor=visitor, **named)
        # In a thread: a page of hundreds of rows would hold up whoever asks for a prediction.
        try:
            return await asyncio.to_thread(
                lambda: self.render(request, template, visitor, **named, **values())
            )
        except CupromarkError as error:
            return self.fail(request, error, visitor=visitor, **named)

    def render(
        self,
        request: Request,
        template: str,
        visitor: Visitor = NOBODY,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Render a template within the frame of the site."""
        shown = {**self._frame(), "visitor": visitor, **values}
        answer = page(request, f"pages/{template}", **shown)
        answer.status_code = status
        return answer

    def fail(
        self,
        request: Request,
        error: CupromarkError,
        *,
        visitor: Visitor = NOBODY,
        template: str = "failed.html",
        **values: Any,
    ) -> Response:
        """Say on a page what an error says: what was found, what is needed, what to do."""
        problem = problem_of(error)
        context_of(request.scope).problem = problem.kind.slug
        shown = {**values, "problem": problem}
        status = problem.kind.status
        answer = self.render(request, template, visitor, status=status, **shown)
        if "Retry-After" in problem.headers:
            answer.headers["Retry-After"] = problem.headers["Retry-After"]
        return answer

    def _frame(self) -> Values:
        state = self.services.bundles.state()
        served = self.services.bundles.current()
        return {
            "open_mode": self.services.settings.open_mode,
            "state": state,
            "cohort": None if served is None else served.bundle.cohort,
            "simulated": served is not None and served.bundle.simulated,
        }

    def served(self) -> ServedBundle:
        """Return the bundle that answers; NotReadyError where there is none."""
        return self.services.bundles.require()
