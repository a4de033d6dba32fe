"""Attribution against value over a few training lines, small enough to stand beside a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_LINES = 40
DIGITS = 3  # what a plot can show


@dataclass(frozen=True, slots=True)
class Dependence:
    """What the classifier makes of a gene or set in some training lines.

    Attributes
    ----------
    value
        (n_lines,) z of the gene, or mean z of the set, over the training lines; lowest first.
    log_odds
        (n_lines,) attribution of the same lines; above 0 speaks for sensitive.
    """

    value: tuple[float, ...]
    log_odds: tuple[float, ...]


def thin_dependence(
    values: NDArray[np.floating[Any]],
    log_odds: NDArray[np.floating[Any]],
    *,
    n_lines: int = N_LINES,
) -> Dependence:
    """Keep lines at even steps of the rank of their value, the lowest and the highest included.

    Parameters
    ----------
    values, log_odds
        (n,) of the same lines.
    n_lines
        How many are kept at most.
    """
    order = np.argsort(values, kind="stable")
    places = np.linspace(0, len(order) - 1, num=min(n_lines, len(order))).round().astype(int)
    kept = order[places]
    return Dependence(_rounded(values[kept]), _rounded(log_odds[kept]))


def _rounded(numbers: NDArray[np.floating[Any]]) -> tuple[float, ...]:
    return tuple(float(f"{number:.{DIGITS}g}") for number in numbers.tolist())
