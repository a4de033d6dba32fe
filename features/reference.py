"""The frozen reference: what the genes of the training cohort look like.

Everything that is said about a new profile ("high", "low") is said against this reference, and
never against the other profiles of the same call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from features.errors import FormatError, GeneIdError, SampleError, ScaleError
from features.expression import SCALES, Scale
from features.gene_values import FloatArray, gene_values, named, refuse_duplicated_genes
from features.ranks import mid_ranks_in_unit_interval

if TYPE_CHECKING:
    import pandas as pd

# A gene that varies less than this (log2 units) carries nothing but rounding.
SMALLEST_SCALE = 1e-6
# Quantiles kept a gene: they only ever act through the mixture over all genes, so 64 are plenty.
N_QUANTILES = 64
ARRAYS = ("location", "scale", "quantile_levels", "quantiles", "rank_location", "rank_scale")


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Location, scale, quantiles and ranks of every gene of the training cohort.

    Attributes
    ----------
    genes
        The gene universe, sorted; every array runs along it.
    location, scale
        (n_genes,) mean and standard deviation (n - 1), log2 units; scale 1 for constant genes.
    quantile_levels, quantiles
        (n_levels,) and (n_genes, n_levels) float32, log2 units; no level when left out.
    rank_location, rank_scale
        (n_genes,) mean and standard deviation of the within-sample rank scaled into (0, 1);
        empty when left out.
    expression_scale
        The scale that the training cohort was measured on.
    n_samples
        Samples behind these figures.
    constant_genes
        Genes that do not vary in the training cohort.
    """

    genes: tuple[str, ...]
    location: FloatArray
    scale: FloatArray
    quantile_levels: FloatArray
    quantiles: npt.NDArray[np.float32]
    rank_location: FloatArray
    rank_scale: FloatArray
    expression_scale: Scale
    n_samples: int
    constant_genes: tuple[str, ...]

    @classmethod
    def without_genes(cls, *, expression_scale: Scale, n_samples: int) -> Reference:
        """Describe a cohort of which no gene is used, as a lineage-only control does."""
        none = np.empty(0)
        return cls(
            genes=(),
            location=none,
            scale=none,
            quantile_levels=none,
            quantiles=np.empty((0, 0), dtype=np.float32),
            rank_location=none,
            rank_scale=none,
            expression_scale=_known_scale(expression_scale),
            n_samples=n_samples,
            constant_genes=(),
        )

    @property
    def has_quantiles(self) -> bool:
        """Whether profiles of another platform can be aligned to this reference."""
        return self.quantile_levels.size > 0

    def positions(self, genes: Sequence[str]) -> npt.NDArray[np.intp]:
        """Positions of `genes` in the universe; GeneIdError names those outside it."""
        known = {gene: place for place, gene in enumerate(self.genes)}
        outside = [gene for gene in genes if gene not in known]
        if outside:
            raise GeneIdError(
                f"{len(outside)} genes are not in the reference: {named(outside)}.",
                needed=f"genes among the {len(self.genes)} of the training cohort.",
                remedy="Ask for these genes only, or train on a cohort that measured the others.",
            )
        return np.array([known[gene] for gene in genes], dtype=np.intp)

    def z(self, values: FloatArray, positions: npt.NDArray[np.intp]) -> FloatArray:
        """Standardise samples x genes at `positions`: (value - location) / scale."""
        standardised: FloatArray = (values - self.location[positions]) / self.scale[positions]
        return standardised

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Numeric arrays, for an npz file; `to_meta` holds the rest."""
        return {name: getattr(self, name) for name in ARRAYS}

    def to_meta(self) -> dict[str, Any]:
        """Describe what is not an array, for a JSON file."""
        return {
            "genes": list(self.genes),
            "expression_scale": self.expression_scale,
            "n_samples": self.n_samples,
            "constant_genes": list(self.constant_genes),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]
    ) -> Reference:
        """Restore what `to_arrays` and `to_meta` gave; FormatError when they do not fit."""
        absent = sorted({*ARRAYS} - {*arrays}) + sorted(
            {"genes", "expression_scale", "n_samples", "constant_genes"} - {*meta}
        )
        if absent:
            raise _damaged(f"lacks {named(absent)}")
        reference = cls(
            genes=tuple(meta["genes"]),
            expression_scale=_known_scale(meta["expression_scale"]),
            n_samples=int(meta["n_samples"]),
            constant_genes=tuple(meta["constant_genes"]),
            **{name: arrays[name] for name in ARRAYS},
        )
        _refuse_misfit(reference)
        return reference


def fit_reference(
    expression: pd.DataFrame, *, expression_scale: Scale, with_quantiles: bool = True
) -> Reference:
    """Learn the reference from the training cohort.

    Parameters
    ----------
    expression
        Samples x genes, log2; every column is a gene.
    expression_scale
        The scale that the cohort was measured on, as its reader declared it.
    with_quantiles
        Also learn what `features.alignment.align` needs. It takes most of the time, and inside a
        cross-validation fold, where one cohort is compared with itself, nothing uses it.

    Raises
    ------
    SampleError
        Fewer than two samples.
    GeneIdError
        No gene, or one twice.
    CellError
        A value is not a finite number.
    """
    _refuse_too_few(expression)
    genes = tuple(sorted(str(gene) for gene in expression.columns))
    values = gene_values(expression, genes)
    location, scale, is_constant = _location_and_scale(values, smallest=SMALLEST_SCALE)
    levels, quantiles = np.empty(0), np.empty((len(genes), 0), dtype=np.float32)
    rank_location, rank_scale = np.empty(0), np.empty(0)
    if with_quantiles:
        levels = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
        quantiles = _quantiles(values, levels)
        # A spread below one rank cannot be told from none.
        ranks = mid_ranks_in_unit_interval(values)
        rank_location, rank_scale, _ = _location_and_scale(ranks, smallest=SMALLEST_SCALE)
        rank_scale = np.maximum(rank_scale, 1.0 / len(genes))
    return Reference(
        genes=genes,
        location=location,
        scale=scale,
        quantile_levels=levels,
        quantiles=quantiles,
        rank_location=rank_location,
        rank_scale=rank_scale,
        expression_scale=_known_scale(expression_scale),
        n_samples=len(values),
        constant_genes=tuple(np.array(genes, dtype=object)[is_constant]),
    )


def _location_and_scale(
    values: FloatArray, *, smallest: float
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    location = values.mean(axis=0)
    scale = values.std(axis=0, ddof=1)
    is_constant = scale < smallest
    scale[is_constant] = 1.0
    return location, scale, is_constant


def _quantiles(values: FloatArray, levels: FloatArray) -> npt.NDArray[np.float32]:
    """Quantiles of every gene at `levels`, the k-th of n values standing at (k - 0.5) / n."""
    ascending = np.sort(values.T.astype(np.float32), axis=1)
    n_samples = ascending.shape[1]
    places = np.clip(levels * n_samples - 0.5, 0, n_samples - 1)
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, n_samples - 1)
    share = (places - below).astype(np.float32)
    low, high = ascending[:, below], ascending[:, above]
    return cast("npt.NDArray[np.float32]", low + share * (high - low))


def _refuse_too_few(expression: pd.DataFrame) -> None:
    refuse_duplicated_genes(expression)
    if expression.shape[1] == 0:
        raise GeneIdError(
            "The training expression has no gene.",
            needed="at least one gene.",
            remedy="Check that the cohort and the gene panel use the same gene symbols.",
        )
    if len(expression) < 2:
        raise SampleError(
            f"The training expression has {len(expression)} samples.",
            needed="at least two, to know how much a gene varies.",
            remedy="Train on a larger cohort.",
        )


def _known_scale(scale: Scale) -> Scale:
    if scale in SCALES:
        return scale
    raise ScaleError(
        f"Unknown expression scale {scale!r}.",
        needed=f"one of {', '.join(SCALES)}.",
        remedy="Declare the scale that the values were measured on.",
    )


def _refuse_misfit(reference: Reference) -> None:
    n_genes, n_levels = len(reference.genes), len(reference.quantile_levels)
    n_ranked = n_genes if n_levels else 0
    needed = {
        "location": (n_genes,),
        "scale": (n_genes,),
        "quantile_levels": (n_levels,),
        "quantiles": (n_genes, n_levels),
        "rank_location": (n_ranked,),
        "rank_scale": (n_ranked,),
    }
    for name, shape in needed.items():
        array = getattr(reference, name)
        if array.shape != shape:
            raise _damaged(f"holds {name} of shape {array.shape} where {shape} belongs")
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise _damaged(f"holds values in {name} that are not finite numbers")
    if (reference.scale <= 0).any() or (reference.rank_scale <= 0).any():
        raise _damaged("holds a scale that is not positive")


def _damaged(what: str) -> FormatError:
    return FormatError(
        f"The stored reference {what}.",
        needed="the arrays and the description that Reference.to_arrays and to_meta wrote.",
        remedy="Build the bundle anew from its training run.",
    )
