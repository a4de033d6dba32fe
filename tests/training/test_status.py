from __future__ import annotations

import pytest

from training.metrics import Interval
from training.status import judge


@pytest.mark.parametrize(
    ("roc_auc_low", "gain_low", "error", "q", "status", "reason"),
    [
        (0.60, 0.01, 0.05, 0.01, "supported", "better than random gene sets"),
        (0.60, 0.01, 0.10, 0.049, "supported", "calibrated"),
        (0.60, 0.00, 0.05, 0.01, "exploratory", "gain over lineage is not above 0"),
        (0.60, 0.01, 0.11, 0.01, "exploratory", "not calibrated"),
        (0.60, 0.01, 0.05, 0.05, "exploratory", "random gene sets do as well"),
        (0.60, 0.01, 0.05, None, "exploratory", "not compared with random gene sets"),
        (0.51, -0.2, 0.50, None, "exploratory", "lineage"),
        (0.50, 0.01, 0.05, 0.01, "withheld", "interval from 0.50"),
        (0.40, 0.01, 0.05, 0.01, "withheld", "interval from 0.40"),
        (float("nan"), 0.01, 0.05, 0.01, "withheld", "not above 0.5"),
    ],
)
def test_the_written_rule(roc_auc_low, gain_low, error, q, status, reason):
    verdict = judge(
        roc_auc=Interval(0.7, roc_auc_low, 0.8),
        gain_over_lineage=Interval(0.05, gain_low, 0.1),
        expected_calibration_error=error,
        calibration_error_limit=0.1,
        random_sets_q=q,
    )
    assert verdict.status == status
    assert reason in verdict.reason


def test_everything_that_lacks_is_named():
    verdict = judge(
        roc_auc=Interval(0.7, 0.6, 0.8),
        gain_over_lineage=Interval(0.0, -0.1, 0.1),
        expected_calibration_error=0.3,
        calibration_error_limit=0.1,
        random_sets_q=None,
    )
    assert verdict.reason == (
        "roc_auc is above 0.5, but the gain over lineage is not above 0; it was not compared with "
        "random gene sets; it is not calibrated."
    )
