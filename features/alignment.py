"""Alignment of profiles from another platform to the frozen reference, one sample at a time.

Both methods look at nothing of a profile but the order of its genes, so any strictly increasing
change of the values (another unit, another logarithm, another dynamic range) changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from features.errors import CoverageError, ScaleError
from features.expression import Scale
from features.gene_values import FloatArray, gene_values, refuse_duplicated_genes
from features.ranks import mid_ranks_in_unit_interval
from features.reference import Reference

if TYPE_CHECKING:
    import pandas as pd

AlignMethod = Literal["none", "quantile", "rank"]


def align(expression: pd.DataFrame, reference: Reference, *, method: AlignMethod) -> pd.DataFrame:
    """Bring profiles onto the scale of the training cohort.

    "none" only picks the genes. "quantile" gives a gene at mid-rank r of its sample the quantile r
    of the training values of the shared genes taken together. "rank" compares the gene's rank
    with its ranks in the training cohort: location + scale * (rank - rank_location) / rank_scale;
    where the profile holds only a part of the universe, a rank among the shared genes is first
    read as a rank among all, through the training values of both.

    Parameters
    ----------
    expression
        Samples x genes; genes outside the reference are ignored.
    reference
        Fitted with quantiles, unless the method is "none".

    Returns
    -------
    DataFrame
        Samples x the genes shared with the reference, in its order, float64, log2 units of the
        training cohort. A sample's values depend on no other sample of the call.

    Raises
    ------
    CoverageError
        No gene is shared with the reference.
    ScaleError
        An unknown method, or a reference without quantiles.
    GeneIdError, CellError
        A gene occurs twice, or a value is not finite.
    """
    import pandas as pd

    refuse_unusable_method(method, reference)
    refuse_duplicated_genes(expression)
    shared = shared_genes(expression.columns, reference)
    values = gene_values(expression, shared)
    aligner = Aligner.of(reference, reference.positions(shared), method=method)
    return pd.DataFrame(aligner.align(values), index=expression.index, columns=shared)


def shared_genes(held: Iterable[str], reference: Reference) -> list[str]:
    """List the genes of the reference that are held, in its order; CoverageError for none."""
    genes = frozenset(held)
    shared = [gene for gene in reference.genes if gene in genes]
    if not shared:
        raise CoverageError(
            f"None of the {len(genes)} genes given is in the reference.",
            needed=f"genes among the {len(reference.genes)} of the training cohort.",
            remedy="Resolve the gene identifiers to approved symbols first.",
        )
    return shared


@dataclass(frozen=True, slots=True, eq=False)
class Aligner:
    """What brings profiles that hold certain genes onto the scale of the training cohort.

    Attributes
    ----------
    reference, positions
        The genes that the profiles share with the reference, by their place in it.
    method
        As in `align`.
    shared_values, all_values
        What the shared genes, and all, take together in the training cohort, ascending; empty
        where the method does not need them.
    """

    reference: Reference
    positions: npt.NDArray[np.intp]
    method: AlignMethod
    shared_values: npt.NDArray[np.float32]
    all_values: npt.NDArray[np.float32]

    @classmethod
    def of(
        cls, reference: Reference, positions: npt.NDArray[np.intp], *, method: AlignMethod
    ) -> Aligner:
        """Sort once what every profile with these genes is compared with."""
        shared = everywhere = np.empty(0, dtype=np.float32)
        is_part = len(positions) < len(reference.genes)
        if method == "quantile" or (method == "rank" and is_part):
            shared = np.sort(reference.quantiles[positions], axis=None)
        if method == "rank" and is_part:
            everywhere = np.sort(reference.quantiles, axis=None)
        return cls(reference, positions, method, shared, everywhere)

    def align(self, values: FloatArray) -> FloatArray:
        """Align samples x shared genes, float64; no sample depends on another."""
        if self.method == "none":
            return values
        ranks = mid_ranks_in_unit_interval(values)
        if self.method == "quantile":
            return _quantile_of(self.shared_values, ranks)
        if self.all_values.size:
            ranks = _mid_rank_in(self.all_values, _quantile_of(self.shared_values, ranks))
        reference, positions = self.reference, self.positions
        z = (ranks - reference.rank_location[positions]) / reference.rank_scale[positions]
        aligned: FloatArray = reference.location[positions] + reference.scale[positions] * z
        return aligned


def choose_alignment(expression_scale: Scale, reference: Reference) -> AlignMethod:
    """Choose "none" for profiles on the scale of the training cohort, else "quantile"."""
    return "none" if expression_scale == reference.expression_scale else "quantile"


def _quantile_of(ascending: npt.NDArray[np.float32], levels: FloatArray) -> FloatArray:
    """Quantiles, the k-th of n values standing at (k - 0.5) / n."""
    last = len(ascending) - 1
    places = np.clip(levels * len(ascending) - 0.5, 0, last)
    below = places.astype(np.intp)
    low = ascending[below].astype(np.float64)
    high = ascending[np.minimum(below + 1, last)].astype(np.float64)
    return low + (places - below) * (high - low)


def _mid_rank_in(ascending: npt.NDArray[np.float32], values: FloatArray) -> FloatArray:
    """Share of values below plus half the share of equal ones."""
    wanted = values.astype(ascending.dtype)
    below = np.searchsorted(ascending, wanted, side="left")
    not_above = np.searchsorted(ascending, wanted, side="right")
    return (below + not_above) / (2.0 * len(ascending))


def refuse_unusable_method(method: str, reference: Reference) -> None:
    """Raise ScaleError for an unknown method, or for one that needs quantiles not learned."""
    if method not in get_args(AlignMethod):
        raise ScaleError(
            f"Unknown method of alignment {method!r}.",
            needed=f"one of {', '.join(get_args(AlignMethod))}.",
            remedy="Let features.alignment.choose_alignment choose.",
        )
    if method != "none" and not reference.has_quantiles:
        raise ScaleError(
            f"The reference was fitted without quantiles; {method!r} alignment needs them.",
            needed="a reference fitted with with_quantiles=True.",
            remedy="Fit the reference again with quantiles, or give profiles on its own scale "
            f"({reference.expression_scale}).",
        )
