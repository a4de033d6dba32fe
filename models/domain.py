"""How unlike the training cohort a profile is, and which training lines are nearest to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleDamagedError, ModelsError

FloatArray = NDArray[np.float64]

N_NEIGHBOURS = 5
SMALLEST_SPACING = 1e-6
# Products in float32 may take near ties in the wrong order: so many candidates more are measured.
N_SPARE = 3
LARGEST_SQUARE = 1e6  # of a profile: beyond, float32 could not tell its neighbours apart


@dataclass(frozen=True, slots=True)
class NearLine:
    """A training line near a profile; `lineage` is None where it is not known."""

    sample: str
    lineage: str | None
    distance: float


@dataclass(frozen=True, slots=True)
class DomainReference:
    """The training lines in the space of the gene panel's z values.

    The distance of a profile is its mean distance (root mean square over genes, so that 1 means
    one standard deviation a gene) to the nearest training lines. It is held against the spacing of
    these lines, which is their distance to the others: some lineages lie close together and some
    far apart. The percentile of a profile says how many training lines are less far off than it,
    each against its own nearest lines.

    Attributes
    ----------
    features
        (n_lines, n_features) float32.
    samples, lineage
        (n_lines,) names; None where the lineage is not known.
    spacing
        (n_lines,) distance of every training line to the others.
    remoteness
        (n_lines,) ascending: distance over the mean spacing of the nearest lines, of every
        training line to the others.
    n_neighbours
        How many of the nearest lines a distance is the mean of.

    References
    ----------
    Breunig 2000, doi:10.1145/335191.335388: distances relative to those of the neighbours. On
    ccle-gdsc2 they tell lineages that were left out from patients that were left out better than
    plain distances do.
    """

    features: NDArray[np.float32]
    samples: tuple[str, ...]
    lineage: tuple[str | None, ...]
    spacing: FloatArray
    remoteness: FloatArray
    n_neighbours: int
    _lines: FloatArray = field(init=False, repr=False, compare=False)
    _half_squares: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lines = self.features.astype(np.float64)
        object.__setattr__(self, "_lines", lines)
        object.__setattr__(self, "_names", frozenset(self.samples))
        halves = (np.square(lines).sum(axis=-1) / 2).astype(np.float32)
        object.__setattr__(self, "_half_squares", halves)

    @classmethod
    def fit(
        cls,
        features: NDArray[Any],
        samples: Sequence[str],
        lineage: Sequence[object],
        *,
        groups: Sequence[str] | None = None,
        n_neighbours: int = N_NEIGHBOURS,
    ) -> DomainReference:
        """Keep the training lines, and measure how far each lies from the others.

        Parameters
        ----------
        features
            (n_lines, n_features) z values of the panel genes against the training cohort.
        samples, lineage
            (n_lines,) names; anything but a str is a lineage that is not known.
        groups
            (n_lines,) patients: lines of the same patient do not count as near. Each line is a
            patient of its own by default.
        n_neighbours
            Nearest lines behind a distance.

        Raises
        ------
        ModelsError
            Shapes that do not fit, values that are not finite, or too few patients.
        """
        lines = np.asarray(features, dtype=np.float32)
        patients = np.asarray(samples if groups is None else groups, dtype=np.str_)
        _refuse_unfit(lines, (len(samples), len(lineage), len(patients)))
        _refuse_too_few(patients, n_neighbours)
        values = lines.astype(np.float64)
        squared = _squared_distances(values)
        squared[patients[:, None] == patients] = np.inf
        candidates = squared.argpartition(n_neighbours - 1, axis=1)[:, :n_neighbours]
        places, distances = _nearest(values, values, candidates, n_neighbours)
        spacing = distances.mean(axis=1)
        remoteness = np.sort(_remoteness(places, distances, spacing))
        names = tuple(one if isinstance(one, str) else None for one in lineage)
        return cls(lines, tuple(map(str, samples)), names, spacing, remoteness, n_neighbours)

    def distance(self, features: NDArray[Any]) -> FloatArray:
        """(n,) distances of (n, n_features) profiles to the nearest training lines."""
        _, distances = self._to_nearest(features, self.n_neighbours)
        mean: FloatArray = distances.mean(axis=1)
        return mean

    def percentile(self, features: NDArray[Any]) -> FloatArray:
        """(n,) from 0 (amid the cohort) to 100 (farther off than any training line)."""
        return self.place(features)[0]

    def place(self, features: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """(n,) percentiles, and (n,) distances to the nearest training line of all."""
        if len(features) == 1:
            return self._place_one(features)
        places, distances = self._to_nearest(features, self.n_neighbours)
        asked = _remoteness(places, distances, self.spacing)
        nearer = self.remoteness.searchsorted(asked, side="left")
        percentile: FloatArray = nearer * 100.0 / len(self.remoteness)
        return percentile, distances[:, 0]

    def _place_one(self, features: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """Do the same for one profile: arrays of five numbers cost more than the numbers."""
        profiles = self._checked(features)
        candidates = self._candidates(profiles, self.n_neighbours)[0]
        differences = self._lines.take(candidates, axis=0)
        differences -= profiles
        squares = np.vecdot(differences, differences).tolist()
        near = sorted(zip(squares, candidates.tolist(), strict=True))[: self.n_neighbours]
        n_near, n_features = len(near), profiles.shape[1]
        distances = [sqrt(square / n_features) for square, _ in near]
        around = self.spacing.take([place for _, place in near]).sum() / n_near
        remoteness = sum(distances) / n_near / max(around, SMALLEST_SPACING)
        nearer = bisect_left(self.remoteness, remoteness)
        percentile = nearer * 100.0 / len(self.remoteness)
        return np.array([percentile]), np.array([distances[0]])

    def knows(self, sample: str) -> bool:
        """Whether a training line bears this name."""
        return sample in self._names

    def nearest(self, features: NDArray[Any], k: int = N_NEIGHBOURS) -> list[list[NearLine]]:
        """List the k nearest training lines of each of (n, n_features) profiles, nearest first."""
        places, distances = self._to_nearest(features, k)
        return [
            [
                NearLine(self.samples[at], self.lineage[at], float(distance))
                for at, distance in zip(row, of_row, strict=True)
            ]
            for row, of_row in zip(places, distances, strict=True)
        ]

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give numeric arrays for an npz file and the rest for a JSON file."""
        arrays: dict[str, NDArray[Any]] = {
            "lines": self.features,
            "spacing": self.spacing,
            "remoteness": self.remoteness,
        }
        meta = {
            "samples": list(self.samples),
            "lineage": list(self.lineage),
            "n_neighbours": self.n_neighbours,
        }
        return arrays, meta

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
    ) -> DomainReference:
        """Restore what `to_arrays` gave; BundleDamagedError when its parts do not fit together."""
        try:
            restored = cls(
                np.asarray(arrays["lines"], dtype=np.float32),
                tuple(map(str, meta["samples"])),
                tuple(None if one is None else str(one) for one in meta["lineage"]),
                np.asarray(arrays["spacing"], dtype=np.float64),
                np.asarray(arrays["remoteness"], dtype=np.float64),
                int(meta["n_neighbours"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(f"lacks a part or holds an unknown one ({error!r})") from error
        restored._refuse_damage()
        return restored

    def _to_nearest(self, features: NDArray[Any], k: int) -> tuple[NDArray[np.intp], FloatArray]:
        """(n, k) places of the training lines nearest to profiles, and their distances."""
        profiles = self._checked(features)
        k = min(k, len(self.features))
        return _nearest(self._lines, profiles, self._candidates(profiles, k), k)

    def _checked(self, features: NDArray[Any]) -> FloatArray:
        # To float32, which the lines have too, and back: the distance of a line to itself is 0.
        profiles = np.asarray(features, dtype=np.float32).astype(np.float64)
        if profiles.ndim != 2 or profiles.shape[1] != self.features.shape[1]:
            raise ModelsError(
                f"Profiles of shape {profiles.shape}.",
                needed=f"(n, {self.features.shape[1]}): the z values of the panel genes.",
                remedy="compute them with the features of the same bundle.",
            )
        return profiles

    def _candidates(self, profiles: FloatArray, k: int) -> NDArray[np.intp]:
        """(n, k or some more) places of the lines among which the k nearest are."""
        nearness = self._nearness(profiles)
        n_candidates = k + N_SPARE
        if n_candidates >= len(self.features):
            return np.broadcast_to(np.arange(len(self.features)), nearness.shape)
        return nearness.argpartition(-n_candidates, axis=1)[:, -n_candidates:]

    def _nearness(self, profiles: FloatArray) -> NDArray[np.floating[Any]]:
        """(n, n_lines) half of the squared distances, negative, but for the profiles' squares."""
        # NaN passes through the sum of squares, and is not below anything.
        if np.vecdot(profiles, profiles).max(initial=0.0) < LARGEST_SQUARE:
            nearness: NDArray[np.float32] = profiles.astype(np.float32) @ self.features.T
            nearness -= self._half_squares
            return nearness
        _refuse_not_finite(profiles)
        exact: FloatArray = profiles @ self._lines.T
        exact -= np.square(self._lines).sum(axis=1) / 2
        return exact

    def _refuse_damage(self) -> None:
        n_lines = len(self.samples)
        shapes = self.features.ndim == 2 and len(self.features) == n_lines == len(self.lineage)
        if not shapes or not self.spacing.shape == self.remoteness.shape == (n_lines,):
            raise _damaged("holds lines, names and distances of different number")
        parts = (self.features, self.spacing, self.remoteness)
        if not all(_all_finite(part) for part in parts):
            raise _damaged("holds values that are not finite")
        if (np.diff(self.remoteness) < 0).any() or not 1 <= self.n_neighbours < n_lines:
            raise _damaged("holds distances out of order, or too many neighbours")


def _squared_distances(lines: FloatArray) -> FloatArray:
    """(n_lines, n_lines) sums of squared differences, exact but for the last digits."""
    squares = np.square(lines).sum(axis=1)
    squared: FloatArray = lines @ lines.T
    squared *= -2.0
    squared += squares
    squared += squares[:, None]
    return squared


def _nearest(
    lines: FloatArray, profiles: FloatArray, candidates: NDArray[np.intp], k: int
) -> tuple[NDArray[np.intp], FloatArray]:
    """(n, k) places and root mean square differences, ascending; exactly 0 for a duplicate.

    A matrix product picked the candidates, and only they are measured: 64 profiles against 600
    lines take 0.6 ms.
    """
    candidates = np.sort(candidates, axis=1)  # of lines equally far off, the first comes first
    differences = lines.take(candidates, axis=0)
    differences -= profiles[:, None, :]
    distances: FloatArray = np.vecdot(differences, differences)
    distances /= profiles.shape[1]
    np.sqrt(distances, out=distances)
    order = distances.argsort(axis=1, kind="stable")[:, :k]
    rows = np.arange(len(profiles))[:, None]
    return candidates[rows, order], distances[rows, order]


def _remoteness(places: NDArray[np.intp], distances: FloatArray, spacing: FloatArray) -> FloatArray:
    """(n,) mean distance to the nearest lines, over the mean spacing of these lines."""
    around = np.maximum(spacing[places].sum(axis=1) / places.shape[1], SMALLEST_SPACING)
    remoteness: FloatArray = distances.sum(axis=1) / places.shape[1] / around
    return remoteness


def _all_finite(values: NDArray[Any]) -> bool:
    return bool(np.isfinite(values).all())


def _refuse_unfit(lines: NDArray[np.float32], lengths: tuple[int, int, int]) -> None:
    if lines.ndim != 2 or lines.shape[1:] == (0,) or set(lengths) != {len(lines)}:
        raise ModelsError(
            f"Features {lines.shape} with {lengths[0]} samples, {lengths[1]} lineages and "
            f"{lengths[2]} groups.",
            needed="(n_lines, n_features) and one sample, lineage and group a line.",
            remedy="take all of them from the same lines.",
        )
    _refuse_not_finite(lines)


def _refuse_too_few(patients: NDArray[np.str_], n_neighbours: int) -> None:
    largest = int(np.unique(patients, return_counts=True)[1].max()) if len(patients) else 0
    if n_neighbours < 1 or len(patients) - largest < n_neighbours:
        raise ModelsError(
            f"{len(patients)} lines, {largest} of them of one patient, for {n_neighbours} "
            "neighbours.",
            needed="at least one neighbour, and as many lines of other patients for every line.",
            remedy="use a larger cohort, or fewer neighbours.",
        )


def _refuse_not_finite(features: NDArray[np.floating[Any]]) -> None:
    if not _all_finite(features):
        raise ModelsError(
            f"{int((~np.isfinite(features)).sum())} features that are not finite.",
            needed="finite z values.",
            remedy="fill in missing genes with features.coverage.cover first.",
        )


def _damaged(what: str) -> BundleDamagedError:
    return BundleDamagedError(
        f"The stored domain reference {what}.",
        needed="the arrays and the description that DomainReference.to_arrays wrote.",
        remedy="build the bundle anew from its training run.",
    )
