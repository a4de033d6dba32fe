from __future__ import annotations

import pytest

from training.claims_testing.verdict import judge_claim
from training.metrics import Interval


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.3, "supported"),
        (-0.3, -0.1, "contradicted"),
        (-0.1, 0.2, "inconclusive"),
        (0.0, 0.2, "inconclusive"),
        (float("nan"), float("nan"), "inconclusive"),
    ],
)
def test_the_rule(low: float, high: float, verdict: str) -> None:
    assert judge_claim(Interval((low + high) / 2, low, high), "sensitivity") == verdict
    turned = Interval(-(low + high) / 2, -high, -low)
    assert judge_claim(turned, "resistance") == verdict
