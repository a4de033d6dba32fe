"""Where profiles stand among the training lines of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.domain import N_NEIGHBOURS, NearLine

# Nearer than replicates of one line ever come (about 0.1 to 0.5): the profile was copied.
SAME_PROFILE_DISTANCE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Profiles among the training lines.

    Attributes
    ----------
    percentile
        (n,) from 0 (amid the cohort) to 100 (farther off than any training line); NaN where the
        bundle does not know its training lines.
    training_lines
        Samples that bear the id of a training line, or whose panel genes are those of one.
    """

    percentile: NDArray[np.float64]
    training_lines: tuple[str, ...]


def place_profiles(
    bundle: Bundle, samples: Sequence[str], features: NDArray[np.float64]
) -> Placement:
    """Tell how far profiles lie from the training lines, and which are training lines.

    Parameters
    ----------
    samples
        (n,) ids.
    features
        (n, n_features) as `bundle.features.transform` gives them. A gene that a profile lacks
        stands at the training mean, which brings the profile nearer to the lines.
    """
    return place_z(bundle, samples, panel_z(bundle, features))


def place_z(bundle: Bundle, samples: Sequence[str], z: NDArray[np.float64]) -> Placement:
    """Do the same from (n, n_panel) z values of the panel genes."""
    domain = bundle.domain
    if domain is None:
        return Placement(np.full(len(samples), np.nan), ())
    percentile, distance = domain.place(z)
    near = (distance < SAME_PROFILE_DISTANCE).tolist()
    same = [s for s, is_near in zip(samples, near, strict=True) if is_near or domain.knows(s)]
    return Placement(percentile, tuple(same))


def nearest_lines(
    bundle: Bundle, features: NDArray[np.float64], *, k: int = N_NEIGHBOURS
) -> list[list[NearLine]]:
    """List the k training lines nearest to each profile; none where the bundle knows no lines."""
    if bundle.domain is None:
        return [[] for _ in features]
    return bundle.domain.nearest(panel_z(bundle, features), k)


def panel_z(bundle: Bundle, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, n_panel) z values of the panel genes: the first columns of the features."""
    return features[:, : len(bundle.features.gene_panel_)]
