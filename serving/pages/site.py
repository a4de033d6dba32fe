"""Every page of the site: its frame, what it says of the service, and its states.

A page is whole, or asks for a key, or says what went wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from features.errors import CupromarkError
from serving.bundles.served import ServedBundle
from serving.pages.visitor import Visitor, receive_visitor
from serving.problems import problem_of
from serving.reading_pages import page
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
        **named: Any,
    ) -> Response:
        """Show a page, or what stands in its place.

        Parameters
        ----------
        request
            What was asked.
        template
            Below `serving/templates/pages`.
        values
            Finds what the page holds, for whoever may see it; None where everybody may.
        named
            Values that everybody may see.
        """
        if values is None:
            return self.render(request, template, Visitor(may_see=True), **named)
        visitor = await receive_visitor(self.services.access, request)
        if not visitor.may_see:
            return self.render(request, template, visitor, **named)
        # In a thread: a page of hundreds of rows would hold up whoever asks for a prediction.
        try:
            return await asyncio.to_thread(
                lambda: self.render(request, template, visitor, **named, **values())
            )
        except CupromarkError as error:
            return self.fail(request, error, **named)

    def render(
        self, request: Request, template: str, visitor: Visitor, *, status: int = 200, **values: Any
    ) -> Response:
        """Render a template within the frame of the site."""
        refusal = None if visitor.refusal is None else problem_of(visitor.refusal)
        answer = page(
            request,
            f"pages/{template}",
            **self._frame(),
            locked=not visitor.may_see,
            refusal=refusal,
            **values,
        )
        answer.status_code = status
        # The same address holds more for whoever sends a key.
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["Vary"] = "Authorization, X-API-Key"
        return answer

    def fail(self, request: Request, error: CupromarkError, **values: Any) -> Response:
        """Say on a page what an error says: what was found, what is needed, what to do."""
        problem = problem_of(error)
        visitor = Visitor(may_see=True)
        shown = {**values, "problem": problem}
        return self.render(request, "failed.html", visitor, status=problem.kind.status, **shown)

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
