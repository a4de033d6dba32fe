"""From answers to counts, many requests at a time: one by one they would cost 50 times more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.drift.counts import DriftCounts, domain_bins
from models.drift.reference import LEVEL, DriftReference, bin_counts, expected_no_calls

if TYPE_CHECKING:
    from features.coverage import GeneCoverage
    from models.bundle import Bundle

# Places in `models.conformal.CONFORMAL_SETS` with one class alone.
SENSITIVE, RESISTANT = 1, 2
ROWS_AT_ONCE = 4096


class Answered(Protocol):
    """What is counted of answers: the part of `models.compiled.CompiledAnswers` that is looked at.

    See there for shapes.
    """

    @property
    def drugs(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def set_codes(self) -> NDArray[np.int8]: ...  # noqa: D102
    @property
    def domain_percentile(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def coverage(self) -> GeneCoverage: ...  # noqa: D102
    @property
    def alignment(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102
    @property
    def panel_z(self) -> NDArray[np.float64]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """Counts the answers of one bundle.

    Attributes
    ----------
    reference
        The bins.
    no_calls
        Drug -> share of no calls to expect.
    """

    reference: DriftReference
    no_calls: Mapping[str, float]

    @classmethod
    def of(cls, bundle: Bundle, *, sha256: str | None = None) -> Self:
        """Lay out the bins of a bundle."""
        return cls(DriftReference.of(bundle, sha256=sha256), expected_no_calls(bundle))

    def count(self, answered: Sequence[Answered], seen: set[int]) -> DriftCounts:
        """Count profiles that were not seen before.

        Parameters
        ----------
        answered
            Answers of this bundle.
        seen
            Hashes of the profiles that were counted already; those of these are added. A profile
            that is sent again, for another drug or by a probe, is no further profile.
        """
        counted = [self._count(alike, seen) for alike in _alike(answered)]
        return reduce(add, counted, DriftCounts.none(len(self.reference.genes)))

    def _count(self, alike: Sequence[Answered], seen: set[int]) -> DriftCounts:
        first = alike[0]
        z = np.concatenate([one.panel_z for one in alike]).astype(np.float32)
        new = _unseen(z, seen)
        z = z[new]
        codes = np.concatenate([one.set_codes for one in alike])[new]
        share, expected = self._no_call_shares(first, codes)
        n_profiles, excess = len(z), share - expected
        return DriftCounts(
            by_gene=self._bins(z, first.coverage.missing),
            by_domain=domain_bins(np.concatenate([one.domain_percentile for one in alike])[new]),
            n_profiles=n_profiles,
            n_aligned=0 if first.alignment == "none" else n_profiles,
            coverage=n_profiles * first.coverage.fraction,
            n_called=len(share),
            no_calls=float(share.sum()),
            no_calls_expected=len(share) * expected,
            no_calls_excess_squared=float((excess**2).sum()),
        )

    def _bins(self, z: NDArray[np.float32], missing: Iterable[str]) -> NDArray[np.int64]:
        reference = self.reference
        if not reference.genes:
            return np.zeros((0, reference.counts.shape[1]), np.int64)
        counts = bin_counts(z[:ROWS_AT_ONCE], reference.edges)
        for start in range(ROWS_AT_ONCE, len(z), ROWS_AT_ONCE):
            counts += bin_counts(z[start : start + ROWS_AT_ONCE], reference.edges)
        absent = frozenset(missing)
        if absent:  # the training mean stands in for them, and is no value of the profile
            counts[[gene in absent for gene in reference.genes]] = 0
        return counts

    def _no_call_shares(
        self, answers: Answered, codes: NDArray[np.int8]
    ) -> tuple[NDArray[np.float64], float]:
        """(n,) shares of the drugs without a call, and the share to expect; none where unknown."""
        known = [self.no_calls[drug] for drug in answers.drugs if drug in self.no_calls]
        if answers.level != LEVEL or not known:
            return np.empty(0), 0.0
        places = [at for at, drug in enumerate(answers.drugs) if drug in self.no_calls]
        asked = codes if len(places) == codes.shape[1] else codes[:, places]
        calls = np.count_nonzero((asked == SENSITIVE) | (asked == RESISTANT), axis=1)
        return 1 - calls / len(places), float(np.mean(known))


def _alike(answered: Sequence[Answered]) -> list[list[Answered]]:
    """Sort answers by what holds for all profiles of a request.

    Lists of drugs and of genes are told apart by identity: a bundle remembers those asked for last
    and answers with the same object, and comparing hundreds of names would cost more than counting.
    """
    groups: dict[tuple[int, int, str, float], list[Answered]] = {}
    for one in answered:
        key = (id(one.drugs), id(one.coverage), one.alignment, one.level)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _unseen(z: NDArray[np.float32], seen: set[int]) -> NDArray[np.intp]:
    """Places of the profiles that are new, each once; hashes do not outlive this process."""
    places = []
    for at, row in enumerate(z):
        fingerprint = hash(row.tobytes())
        if fingerprint not in seen:
            seen.add(fingerprint)
            places.append(at)
    return np.array(places, dtype=np.intp)
