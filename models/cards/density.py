"""The shape of a sample, from its percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, pi, sqrt


def density(
    percentiles: Sequence[float], n_sets: int, *, n_points: int = 80
) -> tuple[list[float], list[float]]:
    """Smooth the percentiles 0 to 100 of a sample into a density.

    A Gaussian kernel over the middles of the hundredths, with Silverman's bandwidth (1986) for the
    number of sets that the percentiles are of.

    Returns
    -------
    tuple
        Values and heights, in steps as wide as the sample allows.
    """
    middles = [(a + b) / 2 for a, b in pairwise(percentiles)]
    mean = sum(middles) / len(middles)
    spread = sqrt(sum((one - mean) ** 2 for one in middles) / len(middles))
    width = max(0.9 * spread * n_sets**-0.2, 1e-3)
    low, high = percentiles[0] - 3 * width, percentiles[-1] + 3 * width
    values = [low + (high - low) * step / (n_points - 1) for step in range(n_points)]
    norm = len(middles) * width * sqrt(2 * pi)
    heights = [
        sum(exp(-0.5 * ((value - one) / width) ** 2) for one in middles) / norm for value in values
    ]
    return values, heights
