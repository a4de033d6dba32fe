"""A question put to a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.predictions.question import Question

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers


def put_question(question: Question, bundle: Any, drugs: tuple[str, ...] | None) -> CompiledAnswers:
    """Have a bundle answer.

    Parameters
    ----------
    drugs
        What is left of the drugs that were asked for; None for all whose evidence is not withheld.

    Raises
    ------
    CupromarkError
        The bundle refuses.
    """
    profiles = question.profiles
    answers: CompiledAnswers = bundle.predict(
        profiles.genes,
        profiles.values,
        scale=question.scale,
        drugs=drugs,
        align=question.align,
        level=question.level,
        lineage=question.lineage,
        sample_ids=profiles.sample_ids,
        source=question.source,
        is_log2=question.reading is not None,
    )
    return answers
