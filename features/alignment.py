"""Alignment of profiles from another platform to the frozen reference, one sample at a time.

Both methods look at nothing of a profile but the order of its genes, so any strictly increasing
change of the values (another unit, another logarithm, another dynamic range) changes nothing.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import CoverageError, ScaleError
from features.expression import Scale
from features.gene_values import FloatArray, gene_values, refuse_duplicated_genes
from features.ranks import mid_ranks_in_unit_interval
from features.reference import Reference

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
    _refuse_unusable(method, reference)
    refuse_duplicated_genes(expression)
    held = frozenset(expression.columns)
    shared = [gene for gene in reference.genes if gene in held]
    if not shared:
        raise CoverageError(
            f"None of the {len(held)} genes given is in the reference.",
            needed=f"genes among the {len(reference.genes)} of the training cohort.",
            remedy="Resolve the gene identifiers to approved symbols first.",
        )
    values = gene_values(expression, shared)
    positions = reference.positions(shared)
    if method == "quantile":
        values = _quantile_aligned(values, reference, positions)
    elif method == "rank":
        values = _rank_aligned(values, reference, positions)
    return pd.DataFrame(values, index=expression.index, columns=shared)


def choose_alignment(expression_scale: Scale, reference: Reference) -> AlignMethod:
    """Choose "none" for profiles on the scale of the training cohort, else "quantile"."""
    return "none" if expression_scale == reference.expression_scale else "quantile"


def _quantile_aligned(
    values: FloatArray, reference: Reference, positions: npt.NDArray[np.intp]
) -> FloatArray:
    training_values = _training_values(reference, positions)
    return _quantile_of(training_values, mid_ranks_in_unit_interval(values))


def _rank_aligned(
    values: FloatArray, reference: Reference, positions: npt.NDArray[np.intp]
) -> FloatArray:
    ranks = mid_ranks_in_unit_interval(values)
    if len(positions) < len(reference.genes):
        equivalent = _quantile_of(_training_values(reference, positions), ranks)
        everywhere = np.arange(len(reference.genes))
        ranks = _mid_rank_in(_training_values(reference, everywhere), equivalent)
    z = (ranks - reference.rank_location[positions]) / reference.rank_scale[positions]
    return reference.location[positions] + reference.scale[positions] * z


def _training_values(
    reference: Reference, positions: npt.NDArray[np.intp]
) -> npt.NDArray[np.float32]:
    """Values that these genes take together in the training cohort, ascending."""
    return np.sort(reference.quantiles[positions], axis=None)


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


def _refuse_unusable(method: str, reference: Reference) -> None:
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
