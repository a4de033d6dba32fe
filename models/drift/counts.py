"""What is kept of profiles: how many fell where. No value, no name, no order."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.drift.errors import DriftError
from models.drift.reference import N_BINS

N_DOMAIN_BINS = 10
NUMBERS = (
    "n_profiles", "n_aligned", "coverage", "n_called", "no_calls", "no_calls_expected",
    "no_calls_excess_squared",
)  # fmt: skip
# A row of the database holds a few thousand small numbers; far more than that is damage.
MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, eq=False)
class DriftCounts:
    """Sums over profiles, which can be added up.

    Attributes
    ----------
    by_gene
        (n_genes, 8) profiles in each bin of the reference; a gene that a profile lacks is in none.
    by_domain
        (10,) profiles in each tenth of the domain percentile.
    n_profiles
        All profiles.
    n_aligned
        Those that had to be aligned, being on another scale than the training cohort.
    coverage
        Sum of the fraction of the gene panel that was there.
    n_called
        Profiles whose no calls are counted: answered at level 0.8, for drugs whose card says how
        many no calls to expect.
    no_calls, no_calls_expected
        Sums, over these, of the share of drugs without a call, and of what was to be expected.
    no_calls_excess_squared
        Sum of the squares of their differences.
    """

    by_gene: NDArray[np.int64]
    by_domain: NDArray[np.int64]
    n_profiles: float = 0.0
    n_aligned: float = 0.0
    coverage: float = 0.0
    n_called: float = 0.0
    no_calls: float = 0.0
    no_calls_expected: float = 0.0
    no_calls_excess_squared: float = 0.0

    @classmethod
    def none(cls, n_genes: int) -> Self:
        """No profile."""
        return cls(np.zeros((n_genes, N_BINS), np.int64), np.zeros(N_DOMAIN_BINS, np.int64))

    def __add__(self, other: DriftCounts) -> DriftCounts:
        if self.by_gene.shape != other.by_gene.shape:
            raise _misfit(f"{len(self.by_gene)} and {len(other.by_gene)} genes")
        summed = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)
        }
        return DriftCounts(**summed)

    def thinned(self, least: int) -> DriftCounts:
        """Forget genes that fewer than `least` profiles held: few values must not show."""
        few = self.by_gene.sum(axis=1) < least
        if not few.any():
            return self
        return replace(self, by_gene=np.where(few[:, None], 0, self.by_gene))

    def to_bytes(self) -> bytes:
        """Pack the counts of genes and of the domain; `numbers` holds the rest."""
        whole = np.concatenate([self.by_domain, self.by_gene.ravel()])
        return zlib.compress(whole.astype("<i8").tobytes(), 1)

    def numbers(self) -> dict[str, float]:
        """Give what is one number each."""
        return {name: getattr(self, name) for name in NUMBERS}

    @classmethod
    def from_bytes(cls, packed: bytes, **numbers: float) -> DriftCounts:
        """Restore what `to_bytes` and `numbers` gave; DriftError where it is damaged."""
        unpacking = zlib.decompressobj()
        try:
            whole = np.frombuffer(unpacking.decompress(packed, MOST_BYTES), dtype="<i8")
            by_gene = whole[N_DOMAIN_BINS:].reshape(-1, N_BINS)
        except (zlib.error, ValueError) as error:
            raise _misfit(f"a row that cannot be unpacked ({error})") from error
        if not unpacking.eof or len(whole) < N_DOMAIN_BINS or (whole < 0).any():
            raise _misfit("a row that is cut off, or holds numbers below 0")
        return cls(by_gene.astype(np.int64), whole[:N_DOMAIN_BINS].astype(np.int64), **numbers)


def domain_bins(percentile: NDArray[Any]) -> NDArray[np.int64]:
    """(10,) profiles in each tenth of (n,) percentiles; unknown ones are in none."""
    known = percentile[~np.isnan(percentile)]
    tenths = np.minimum((known / 10).astype(np.intp), N_DOMAIN_BINS - 1)
    return np.bincount(tenths, minlength=N_DOMAIN_BINS).astype(np.int64)


def _misfit(what: str) -> DriftError:
    return DriftError(
        f"Counts of drift: {what}.",
        needed="whole counts of the gene panel of one bundle.",
        remedy="delete the row in the table drift_counts: later profiles are counted anew.",
    )
