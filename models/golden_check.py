"""Holding answers to the golden ones, whoever gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.alignment import AlignMethod
from models.errors import BundleDamagedError, BundleError
from models.golden_answers import GoldenAnswers

TOLERANCE = 1e-6


class Given(NamedTuple):
    """(n_samples, n_drugs) probabilities and (n_samples,) domain percentiles."""

    probability: NDArray[np.float64]
    percentile: NDArray[np.float64]


def reproduce(
    golden: GoldenAnswers | None,
    answer: Callable[[GoldenAnswers, AlignMethod], Given],
    *,
    name: str,
) -> None:
    """Answer the golden profiles again.

    Parameters
    ----------
    golden
        Profiles and their answers; None where a bundle holds none.
    answer
        Answers them with one method of alignment.
    name
        Of the bundle, for messages.

    Raises
    ------
    BundleError
        There are no golden answers.
    BundleDamagedError
        A probability or a domain percentile differs by more than 1e-6.
    """
    if golden is None:
        raise BundleError(
            f"Bundle {name} holds no golden answers.",
            needed="golden profiles with their answers.",
            remedy="make the bundle with models.golden.with_golden.",
        )
    for method, expected in golden.probability.items():
        found = answer(golden, method)
        gap = np.abs(found.probability - expected).max(axis=0)
        if not (gap <= TOLERANCE).all():
            drug = golden.drugs[int(np.argmax(np.nan_to_num(gap, nan=np.inf)))]
            raise _not_reproduced(name, drug, float(np.max(gap)))
        if method in golden.domain_percentile:
            away = np.abs(found.percentile - golden.domain_percentile[method])
            if not (away <= TOLERANCE).all():
                raise _not_reproduced(name, "the domain percentile", float(np.max(away)))


def _not_reproduced(name: str, what: str, gap: float) -> BundleDamagedError:
    return BundleDamagedError(
        f"Bundle {name} does not reproduce its golden answers: {what} differs by {gap:.3g}.",
        needed=f"the same answers to {TOLERANCE:g}.",
        remedy="do not serve it; go back to the last good version and train again.",
    )
