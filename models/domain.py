"""How unlike the training cohort a profile is, and which training lines are nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleDamagedError, ModelsError

FloatArray = NDArray[np.float64]

N_NEIGHBOURS = 5
SMALLEST_SPACING = 1e-6


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
        distances = np.stack([_distances(lines, line) for line in lines])
        distances[patients[:, None] == patients] = np.inf
        spacing = _mean_of_nearest(distances, n_neighbours)
        remoteness = np.sort(_remoteness(distances, spacing, n_neighbours))
        names = tuple(one if isinstance(one, str) else None for one in lineage)
        return cls(lines, tuple(map(str, samples)), names, spacing, remoteness, n_neighbours)

    def distance(self, features: NDArray[Any]) -> FloatArray:
        """(n,) distances of (n, n_features) profiles to the nearest training lines."""
        return _mean_of_nearest(self._to_lines(features), self.n_neighbours)

    def percentile(self, features: NDArray[Any]) -> FloatArray:
        """(n,) from 0 (amid the cohort) to 100 (farther off than any training line)."""
        asked = _remoteness(self._to_lines(features), self.spacing, self.n_neighbours)
        nearer = np.searchsorted(self.remoteness, asked, side="left")
        percentile: FloatArray = 100.0 * nearer / len(self.remoteness)
        return percentile

    def nearest(self, features: NDArray[Any], k: int = N_NEIGHBOURS) -> list[list[NearLine]]:
        """List the k nearest training lines of each of (n, n_features) profiles, nearest first."""
        return [self._nearest(distances, k) for distances in self._to_lines(features)]

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

    def _nearest(self, distances: FloatArray, k: int) -> list[NearLine]:
        order = np.argsort(distances, kind="stable")[:k]
        return [NearLine(self.samples[at], self.lineage[at], float(distances[at])) for at in order]

    def _to_lines(self, features: NDArray[Any]) -> FloatArray:
        """(n, n_lines) distances of profiles to the training lines."""
        profiles = np.asarray(features, dtype=np.float32)
        if profiles.ndim != 2 or profiles.shape[1] != self.features.shape[1]:
            raise ModelsError(
                f"Profiles of shape {profiles.shape}.",
                needed=f"(n, {self.features.shape[1]}): the z values of the panel genes.",
                remedy="compute them with the features of the same bundle.",
            )
        _refuse_not_finite(profiles)
        rows = [_distances(self.features, profile) for profile in profiles]
        return np.array(rows).reshape(len(profiles), len(self.features))

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


def _distances(lines: NDArray[np.float32], profile: NDArray[np.float32]) -> FloatArray:
    """Root mean square difference over features; exactly 0 for a duplicate."""
    difference = lines.astype(np.float64) - profile
    distances: FloatArray = np.sqrt(np.mean(difference**2, axis=1))
    return distances


def _mean_of_nearest(distances: FloatArray, n_neighbours: int) -> FloatArray:
    """(n,) means of the smallest of (n, n_lines)."""
    means: FloatArray = np.sort(distances, axis=1)[:, :n_neighbours].mean(axis=1)
    return means


def _remoteness(distances: FloatArray, spacing: FloatArray, n_neighbours: int) -> FloatArray:
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbours]
    around = np.maximum(spacing[nearest].mean(axis=1), SMALLEST_SPACING)
    remoteness: FloatArray = _mean_of_nearest(distances, n_neighbours) / around
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


def _refuse_not_finite(features: NDArray[np.float32]) -> None:
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
