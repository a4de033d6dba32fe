"""Whether the challenger's probabilities and sets hold, and as well as the champion's."""

from __future__ import annotations

from training.promotion.decision import Check
from training.promotion.questions import Question, interval_text, nothing_to_compare, unknown


def check_brier(asked: Question) -> Check:
    """Mean difference of the Brier score, lower is better."""
    return _not_higher(asked, "brier", "brier_margin", asked.policy.brier_margin)


def check_calibration_error(asked: Question) -> Check:
    """Mean difference of the expected calibration error, lower is better."""
    margin = asked.policy.calibration_error_margin
    return _not_higher(asked, "calibration_error", "calibration_error_margin", margin)


def check_no_call(asked: Question) -> Check:
    """Mean difference of the share of lines about which nothing is decided."""
    return _not_higher(asked, "no_call", "no_call_margin", asked.policy.no_call_margin)


def check_coverage(asked: Question) -> Check:
    """Share of held-out lines whose conformal set holds their class, each class by itself."""
    policy = asked.policy
    least = policy.coverage_level - policy.coverage_shortfall
    needed = f"{least:g} at least of each class, at level {policy.coverage_level:g}"
    if len(asked.comparison.challenger) < len(asked.challenger.drugs):
        why = "drugs of the challenger keep no held-out predictions (format 1)"
        return unknown("coverage", why, needed=needed)
    classes = {one: asked.comparison.mean(f"coverage_{one}") for one in ("sensitive", "resistant")}
    return asked.answer(
        "coverage",
        "coverage_shortfall",
        passed=all(mean.value >= least for mean in classes.values()),
        found=", ".join(f"{one} {interval_text(mean)}" for one, mean in classes.items()),
        needed=needed,
    )


def _not_higher(asked: Question, name: str, rule: str, margin: float) -> Check:
    needed = f"challenger minus champion, interval below +{margin:g}"
    if asked.champion is None:
        return nothing_to_compare(name, needed)
    if asked.not_comparable is not None:
        return unknown(name, asked.not_comparable, needed=needed)
    mean = asked.comparison.mean_difference(name)
    return asked.answer(
        name,
        rule,
        passed=mean.high <= margin,
        found=interval_text(mean, signed=True),
        needed=needed,
    )
