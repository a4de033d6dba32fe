"""POST /v1/explanations: a bare handler, for the same reason as that of predictions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from serving.access.callers import Scope as AccessScope
from serving.access.requirement import authorize
from serving.errors import RequestTooLargeError
from serving.explanations.answer_json import explanations_json
from serving.explanations.claim_index import ClaimIndex
from serving.negotiation import choose_media_type
from serving.predictions.body import (
    JSON,
    header_of,
    is_json,
    read_body,
    refuse_query,
    send_body,
)
from serving.predictions.endpoint import note_answers, note_choice
from serving.predictions.fields import Fields, invalid
from serving.predictions.question import Question, read_question, refuse_unknown_drugs
from serving.predictions.reading import with_reading
from serving.request_context import RequestContext, context_of
from serving.reviews.answered import Review, Reviewing
from serving.strict_json import parse_strict
from serving.strict_route import json_limits
from serving.uploads.upload import read_explanation_with_file

if TYPE_CHECKING:
    from models.compiled import CompiledExplanations
    from serving.bundles.served import ServedBundle
    from serving.services import Services

TOP, MOST_TOP = 10, 1_000
FURTHER = frozenset({"top"})
# Says that a profile was made up by moving genes, for a what-if.
WHAT_IF_HEADER = b"cupromark-what-if"
# Samples times drugs: each holds all genes several times over, 1 KB an array.
MOST_ANSWERS = 20_000


@dataclass(frozen=True, slots=True)
class ExplanationEndpoint:
    """Answers one request after the other.

    Attributes
    ----------
    services
        The collaborators.
    claims
        Claims of the literature, to hold directions to.
    """

    services: Services
    claims: ClaimIndex

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; errors are left to the layers around it."""
        services = self.services
        await authorize(services.access, scope, AccessScope.PREDICT)
        served = services.bundles.require()
        choose_media_type(header_of(scope, b"accept"), (JSON,))
        context_of(scope).what_if = header_of(scope, WHAT_IF_HEADER) is not None
        if is_json(scope):
            refuse_query(scope)
            raw = await read_body(receive)
            body = await asyncio.to_thread(self._answer_json, raw, served, context_of(scope))
        else:
            question, top = await read_explanation_with_file(
                scope, receive, served, services, top=TOP, most_top=MOST_TOP
            )
            body = await asyncio.to_thread(self._answer, question, top, served, context_of(scope))
        await send_body(send, body, JSON)

    def _answer_json(self, raw: bytes, served: ServedBundle, context: RequestContext) -> bytes:
        settings = self.services.settings
        document = parse_strict(raw, limits=json_limits(settings))
        question = read_question(document, settings, further=FURTHER)
        return self._answer(question, _top(document), served, context)

    def _answer(
        self, question: Question, top: int, served: ServedBundle, context: RequestContext
    ) -> bytes:
        explained, review = explain(question, served, context, self.services, top=top)
        note_answers(explained.answers, served, context, self.services)
        bundle: Any = served.bundle
        nearest = bundle.nearest(explained.answers)
        return explanations_json(explained, nearest, served, review, self.claims)


def explain(
    question: Question,
    served: ServedBundle,
    context: RequestContext,
    services: Services,
    *,
    top: int,
) -> tuple[CompiledExplanations, Review]:
    """Have a bundle answer a question, without the drugs that reviews withhold, and explain it.

    Raises
    ------
    RequestTooLargeError
        More samples times drugs than fit into memory at once.
    InvalidRequestError
        A drug that the bundle does not know.
    PredictionError
        Reviews withhold every drug that was asked for.
    CupromarkError
        Whatever else the bundle refuses.
    """
    bundle: Any = served.bundle
    refuse_unknown_drugs(question.drugs, bundle.drugs)
    profiles = question.profiles
    n_answers = len(profiles.values) * len(question.drugs or bundle.drugs)
    if n_answers > MOST_ANSWERS:
        raise RequestTooLargeError(
            f"Explanations of {n_answers:,} answers.",
            needed=f"at most {MOST_ANSWERS:,}, which is profiles times drugs.",
            remedy="name fewer drugs, or send the profiles in several requests.",
        )
    reviewing = Reviewing.of(services.approvals, served)
    choice = reviewing.choose(question.drugs)
    note_choice(choice, question, reviewing, context, services)
    explained: CompiledExplanations = bundle.explain(
        profiles.genes,
        profiles.values,
        scale=question.scale,
        drugs=choice.drugs,
        align=question.align,
        level=question.level,
        lineage=question.lineage,
        sample_ids=profiles.sample_ids,
        top=top,
        source=question.source,
        is_log2=question.reading is not None,
    )
    answers = explained.answers
    if question.reading is not None:
        answers = with_reading(answers, question.reading)
    answers, review = reviewing.review(answers, choice)
    if answers is explained.answers:
        return explained, review
    return replace(explained, answers=answers), review


def _top(document: object) -> int:
    wrong: list[Any] = []
    top = Fields(document if isinstance(document, dict) else {}, wrong).count(
        "top", TOP, most=MOST_TOP
    )
    if wrong:
        raise invalid(*wrong)
    return top
