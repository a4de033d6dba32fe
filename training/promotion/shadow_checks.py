"""Whether the challenger answered real requests in the champion's shadow, and how differently."""

from __future__ import annotations

from dataclasses import dataclass

from training.promotion.decision import Check
from training.promotion.questions import Question, nothing_to_compare, unknown


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """What the service counted of this challenger in the shadow of this champion.

    Attributes
    ----------
    n_answers
        Answers of both, one for each profile and drug.
    n_changed
        Of these, those with another label.
    """

    n_answers: int
    n_changed: int


def check_shadow(asked: Question, observed: ShadowFigures | None) -> Check:
    """Enough answers in the shadow, and not too many other labels among them.

    Parameters
    ----------
    observed
        None where nobody asked the service.
    """
    name, policy = "shadow", asked.policy
    least, most = policy.shadow_answers, policy.shadow_changed_share
    if asked.champion is None:
        return nothing_to_compare(name, "answers in the shadow of a champion")
    needed = f"{least:,} answers to requests at least, {most:.0%} with another label at most"
    if not least:
        needed = "nothing: the policy asks for no answers in the shadow"
        found = "not asked for" if observed is None else _found(observed)
        return asked.answer(name, "shadow_answers", passed=True, found=found, needed=needed)
    if observed is None:
        return unknown(name, "the service was not asked", needed=needed)
    enough = observed.n_answers >= least
    return asked.answer(
        name,
        "shadow_changed_share" if enough else "shadow_answers",
        passed=enough and observed.n_changed <= most * observed.n_answers,
        found=_found(observed),
        needed=needed,
    )


def _found(observed: ShadowFigures) -> str:
    if not observed.n_answers:
        return "no answer in the shadow"
    share = observed.n_changed / observed.n_answers
    return f"{observed.n_answers:,} answers, {share:.1%} with another label"
