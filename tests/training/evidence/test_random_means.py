"""Means over drugs of the panel and of random panels."""

from __future__ import annotations

import numpy as np
import pytest

from training.evidence.controls import RANDOM_PANELS, Controls
from training.evidence.random_means import means_over_drugs

DRUGS = ("A", "B", "C")


def controls(random: np.ndarray, *, not_run: dict[str, str] | None = None) -> Controls:
    panel = np.array([0.7, 0.8, np.nan])
    return Controls(DRUGS, {"panel": panel}, random, not_run or {})


def test_means_leave_out_drugs_without_a_figure() -> None:
    random = np.array([[0.6, 0.8, 0.5], [0.7, 0.8, 0.5], [0.8, 0.9, 0.5]])
    found = means_over_drugs(controls(random))
    assert found["panel"] == pytest.approx(0.75)
    assert (found["n_drugs"], found["n_sets"]) == (2, 3)
    assert (found["lowest"], found["highest"]) == pytest.approx((0.7, 0.85))
    assert found["n_at_least_panel"] == 2  # a tie counts as reached


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (None, "no random gene sets were asked for"),
        (controls(np.empty((0, 3)), not_run={RANDOM_PANELS: "too few genes"}), "too few genes"),
        (controls(np.full((2, 3), np.nan)), "no drug has a figure"),
    ],
)
def test_without_random_panels_there_is_a_reason(of: Controls | None, reason: str) -> None:
    assert means_over_drugs(of).startswith(f"not estimable: {reason}")
