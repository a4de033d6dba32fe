"""Means over lines with intervals over draws of whole patients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.cards.figures import Reading
from models.reports.content import FloatArray

N_DRAWS = 1000
WILSON_95 = 1.96


def patient_weights(
    patients: Sequence[str], *, n_draws: int = N_DRAWS, random_state: int = 0
) -> FloatArray:
    """(1 + n_draws, n_lines) weights that add up to 1: of all lines, then of each draw.

    A draw takes as many patients as there are, with replacement, and all lines of each.
    """
    names, of_line = np.unique(np.asarray(patients, dtype=np.str_), return_inverse=True)
    generator = np.random.default_rng(random_state)
    shares = np.full(len(names), 1 / len(names))
    counts = generator.multinomial(len(names), shares, size=n_draws)
    weights = np.vstack([np.ones((1, len(names))), counts])[:, of_line]
    drawn: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return drawn


def mean_readings(values: FloatArray, weights: FloatArray) -> list[Reading]:
    """Mean of each column of (n_lines, n_columns), with the 2.5th to 97.5th percentile."""
    means = weights @ values
    low, high = np.percentile(means[1:], [2.5, 97.5], axis=0)
    return [
        Reading(float(one), float(bottom), float(top))
        for one, bottom, top in zip(means[0], low, high, strict=True)
    ]


def wilson_reading(n_successes: int, n_trials: int) -> Reading:
    """Give a share with its 95% interval (Wilson 1927, doi:10.2307/2276774)."""
    share, z2 = n_successes / n_trials, WILSON_95**2
    centre = (share + z2 / (2 * n_trials)) / (1 + z2 / n_trials)
    reach = WILSON_95 * np.sqrt(share * (1 - share) / n_trials + z2 / (4 * n_trials**2))
    half = float(reach / (1 + z2 / n_trials))
    return Reading(share, max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0))
