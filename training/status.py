"""The one written rule that turns figures into the status of a drug."""

from __future__ import annotations

from dataclasses import dataclass

from models.drug_model import Status
from training.metrics import Interval

LARGEST_Q = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status and the sentence that explains it."""

    status: Status
    reason: str


def judge(
    *,
    roc_auc: Interval,
    gain_over_lineage: Interval | None,
    expected_calibration_error: float,
    calibration_error_limit: float,
    random_sets_q: float | None,
) -> Verdict:
    """Status of a drug's classifier.

    `supported`: the gain over lineage is above 0 with its whole interval, q against random gene
    sets is below 0.05, and the expected calibration error is no larger than a perfectly calibrated
    classifier shows on as many samples. `exploratory`: roc_auc is above 0.5 with its whole
    interval. `withheld`: anything less.

    Parameters
    ----------
    gain_over_lineage
        None where no lineage is known, in which case nothing is `supported`.
    calibration_error_limit
        Upper end of the 95% range of the error that a calibrated classifier would show; any fixed
        limit is out of reach for few samples and lax for many.
    random_sets_q
        Benjamini-Hochberg q against random gene sets; None where that control has not been run,
        in which case nothing is `supported`.
    """
    if not roc_auc.low > 0.5:
        return Verdict("withheld", f"roc_auc is not above 0.5 (interval from {roc_auc.low:.2f}).")
    lacking = [
        reason
        for reason, holds in (
            ("no lineage is known to hold it against", gain_over_lineage is not None),
            (
                "the gain over lineage is not above 0",
                gain_over_lineage is None or gain_over_lineage.low > 0,
            ),
            ("it was not compared with random gene sets", random_sets_q is not None),
            ("random gene sets do as well", random_sets_q is None or random_sets_q < LARGEST_Q),
            ("it is not calibrated", expected_calibration_error <= calibration_error_limit),
        )
        if not holds
    ]
    if lacking:
        return Verdict("exploratory", f"roc_auc is above 0.5, but {'; '.join(lacking)}.")
    return Verdict("supported", "Gain over lineage, better than random gene sets, calibrated.")
