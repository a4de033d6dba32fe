"""One request in the shadow: the challenger's answers to what the caller was answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from serving.predictions.putting import put_question
from serving.reviews.answered import Reviewing

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.reviews.approval_cache import ApprovalCache
    from serving.shadow.asked import ShadowAsked


def answer_as_challenger(
    asked: ShadowAsked, challenger: ServedBundle, approvals: ApprovalCache
) -> tuple[CompiledAnswers | None, float]:
    """Answer what a caller would get from the challenger, and in how much processor time.

    Drugs that reviews withhold, of either bundle, are not answered here either.

    Returns
    -------
    tuple
        None and 0 where the challenger holds none of the drugs, or reviews withhold all of them.

    Raises
    ------
    CupromarkError
        The challenger refuses the profiles.
    """
    bundle: Any = challenger.bundle
    drugs = None
    if asked.question.drugs is not None:
        drugs = tuple(drug for drug in asked.answers.drugs if drug in bundle.drugs)
    choice = Reviewing.of(approvals, challenger).choose(drugs)
    if choice.drugs is not None and not choice.drugs:
        return None, 0.0
    began = time.thread_time()
    answers = put_question(asked.question, bundle, choice.drugs)
    return answers, time.thread_time() - began
