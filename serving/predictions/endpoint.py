"""POST /v1/predictions: a bare handler, because routing would cost more than the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from starlette.types import Receive, Scope, Send

from models.conformal import LABELS
from serving.access.callers import Scope as AccessScope
from serving.access.requirement import authorize
from serving.negotiation import choose_media_type
from serving.predictions import answer_csv, answer_json
from serving.predictions.body import (
    JSON,
    header_of,
    is_json,
    read_json_body,
    refuse_query,
    send_body,
)
from serving.predictions.putting import put_question
from serving.predictions.question import Question, read_question, refuse_unknown_drugs
from serving.predictions.reading import with_reading
from serving.request_context import RequestContext, context_of
from serving.reviews.answered import Review, Reviewing
from serving.reviews.standing import Choice, refuse_none_left
from serving.shadow.asked import ShadowAsked
from serving.strict_json import JsonLimits, parse_strict
from serving.strict_route import json_limits

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.services import Services

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
# Values read plus answers made, beyond which a request would hold up the others: about 2 ms.
SMALL = 20_000
WITHHELD_HEADER = "Cupromark-Drugs-Withheld"
LABEL_WORDS = tuple(label.replace(" ", "_") for label in LABELS)

Upload = Callable[[Scope, Receive, "ServedBundle", "Services"], Awaitable[Question]]
AsParquet = Callable[["CompiledAnswers", "ServedBundle", "Review", "Services"], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class PredictionEndpoint:
    """Answers one request after the other.

    Attributes
    ----------
    services
        The collaborators.
    read_upload
        Reads a question from a file that came instead of JSON; None refuses files.
    as_parquet
        Writes answers as Parquet, elsewhere than in this process; None has no such form.
    """

    services: Services
    read_upload: Upload | None = None
    as_parquet: AsParquet | None = None
    _forms: tuple[str, ...] = field(init=False, repr=False)
    _limits: JsonLimits = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forms = (JSON, CSV, PARQUET) if self.as_parquet else (JSON, CSV)
        object.__setattr__(self, "_forms", forms)
        object.__setattr__(self, "_limits", json_limits(self.services.settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; errors are left to the layers around it."""
        services = self.services
        await authorize(services.access, scope, AccessScope.PREDICT)
        served = services.bundles.require()
        form = choose_media_type(header_of(scope, b"accept"), self._forms)
        question = await self._question(scope, receive, served)
        context = context_of(scope)
        if question.profiles.values.size < SMALL:
            answers, review, body = self._answer(question, served, form, context)
        else:
            answers, review, body = await asyncio.to_thread(
                self._answer, question, served, form, context
            )
        if form == PARQUET and self.as_parquet is not None:
            body = await self.as_parquet(answers, served, review, services)
        if form == JSON:
            await send_body(send, body, JSON)
        else:
            media_type = answer_csv.MEDIA_TYPE if form == CSV else PARQUET
            await send_body(send, body, media_type, headers=headers_of(review))

    async def _question(self, scope: Scope, receive: Receive, served: ServedBundle) -> Question:
        if self.read_upload is not None and not is_json(scope):
            return await self.read_upload(scope, receive, served, self.services)
        refuse_query(scope)
        raw = await read_json_body(scope, receive)
        if len(raw) < 10 * SMALL:
            return self._parsed(raw)
        return await asyncio.to_thread(self._parsed, raw)

    def _parsed(self, raw: bytes) -> Question:
        return read_question(parse_strict(raw, limits=self._limits), self.services.settings)

    def _answer(
        self, question: Question, served: ServedBundle, form: str, context: RequestContext
    ) -> tuple[CompiledAnswers, Review, bytes]:
        answers, review = ask(question, served, context, self.services)
        note_answers(answers, served, context, self.services)
        if form == JSON:
            return answers, review, answer_json.predictions_json(answers, served, review)
        if form == CSV:
            return answers, review, answer_csv.predictions_csv(answers, served, review)
        return answers, review, b""


def ask(
    question: Question, served: ServedBundle, context: RequestContext, services: Services
) -> tuple[CompiledAnswers, Review]:
    """Put a question to a bundle, without the drugs that reviews withhold.

    Raises
    ------
    InvalidRequestError
        A drug that the bundle does not know.
    PredictionError
        Reviews withhold every drug that was asked for.
    CupromarkError
        Whatever else the bundle refuses.
    """
    bundle: Any = served.bundle
    refuse_unknown_drugs(question.drugs, bundle.drugs)
    reviewing = Reviewing.of(services.approvals, served)
    choice = reviewing.choose(question.drugs)
    note_choice(choice, question, reviewing, context, services)
    is_shadowed = services.shadow.chooses(context, served)
    began = time.thread_time() if is_shadowed else 0.0
    answers = put_question(question, bundle, choice.drugs)
    if is_shadowed:
        seconds = time.thread_time() - began
        context.shadow = ShadowAsked(question, served, answers, seconds)
    if question.reading is not None:
        answers = with_reading(answers, question.reading)
    return reviewing.review(answers, choice)


def note_choice(
    choice: Choice,
    question: Question,
    reviewing: Reviewing,
    context: RequestContext,
    services: Services,
) -> None:
    """Note which drugs reviews withhold; PredictionError where they leave none."""
    context.approvals_number = reviewing.snapshot.number
    if choice.withheld:
        context.withheld = len(choice.withheld)
        for one in choice.withheld:
            services.metrics.count_withheld(one.approval, len(question.profiles.values))
        refuse_none_left(choice)


def headers_of(review: Review) -> list[tuple[bytes, bytes]]:
    """Headers of answers that are tables, which have no place for drugs that are not answered."""
    if not review.withheld:
        return []
    return [(WITHHELD_HEADER.lower().encode(), str(len(review.withheld)).encode())]


def note_answers(
    answers: CompiledAnswers, served: ServedBundle, context: RequestContext, services: Services
) -> None:
    """Note for the log, the audit trail and the metrics what was answered; no value of it."""
    context.bundle_version, context.bundle_sha256 = served.version, served.sha256
    context.profiles, context.drugs = answers.probability_sensitive.shape
    if not context.what_if:
        services.drift.record(answers, served, context.caller_key_id)
    codes = answers.set_codes
    if codes.size == 1:
        _count(services, int(codes[0, 0]), answers.statuses[0], 1)
        return
    statuses, first_of_status = _statuses(answers.statuses)
    counts = np.bincount((codes + first_of_status).ravel()).tolist()
    for place, number in enumerate(counts):
        if number:
            status, code = divmod(place, len(LABELS))
            _count(services, code, statuses[status], number)


@lru_cache(maxsize=16)
def _statuses(of_drugs: tuple[str, ...]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Every status once, and by drug the place of its first label among all statuses' labels."""
    statuses = tuple(dict.fromkeys(of_drugs))
    first = np.array([statuses.index(status) for status in of_drugs], dtype=np.intp)
    return statuses, first * len(LABELS)


def _count(services: Services, code: int, status: str, number: int) -> None:
    services.metrics.count_predictions(LABEL_WORDS[code], status, number)
