"""Which of the needed genes a profile holds, and what stands in for the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.errors import CoverageError
from features.gene_values import FloatArray, gene_values, named, refuse_duplicated_genes
from features.reference import Reference

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class GeneCoverage:
    """How many of the needed genes an expression table holds.

    Attributes
    ----------
    matched, missing
        The needed genes that are there, and those that are not, each sorted.
    fraction
        matched / needed, 0 to 1.
    replaced
        Missing gene -> the value that stands in for it (log2, the training mean).
    """

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    fraction: float
    replaced: dict[str, float] = field(default_factory=dict)


def gene_coverage(expression: pd.DataFrame, genes: Sequence[str]) -> GeneCoverage:
    """Tell which of `genes` are among the columns; nothing is filled in and nothing refused."""
    return coverage_of(expression.columns, genes)


def coverage_of(held: Iterable[str], genes: Iterable[str]) -> GeneCoverage:
    """Tell which of `genes` are held; nothing is filled in and nothing refused."""
    names = frozenset(held)
    needed = sorted(set(genes))
    matched = tuple(gene for gene in needed if gene in names)
    missing = tuple(gene for gene in needed if gene not in names)
    fraction = len(matched) / len(needed) if needed else 1.0
    return GeneCoverage(matched=matched, missing=missing, fraction=fraction)


def cover(
    expression: pd.DataFrame, reference: Reference, genes: Sequence[str], *, minimum: float
) -> tuple[pd.DataFrame, GeneCoverage]:
    """Give every needed gene a column; the training mean stands in for a missing one.

    Parameters
    ----------
    expression
        Samples x genes, on the scale of the reference; columns beside `genes` are dropped.
    reference
        Fitted on the training cohort; holds all of `genes`.
    genes
        The needed genes, such as `GeneSetFeatures.required_genes_`.
    minimum
        The least fraction of `genes` that must really be there, 0 to 1.

    Returns
    -------
    DataFrame
        Samples x `genes`, in that order, float64.
    GeneCoverage
        What was there, what was missing, and what stands in for it.

    Raises
    ------
    CoverageError
        Fewer than `minimum` are there, or none.
    GeneIdError
        The reference lacks one of `genes`, or a column occurs twice.
    CellError
        A value is not a finite number.
    """
    import pandas as pd

    refuse_duplicated_genes(expression)
    genes = list(dict.fromkeys(genes))
    plan = plan_cover(list(expression.columns), reference, genes, minimum=minimum)
    present = [gene for gene, place in zip(genes, plan.places, strict=True) if place >= 0]
    covered = plan.fill(gene_values(expression, present))
    return pd.DataFrame(covered, index=expression.index, columns=genes), plan.coverage


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """How profiles with some genes get a column for every needed one.

    Attributes
    ----------
    location
        (n_needed,) training means of the needed genes, log2 units.
    places
        (n_needed,) column of the needed gene among those held; -1 where it is missing.
    coverage
        What was there, what was missing, and what stands in for it.
    """

    location: FloatArray
    places: npt.NDArray[np.intp]
    coverage: GeneCoverage

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """(n_needed,) whether a gene is held."""
        return self.places >= 0

    def fill(self, values: FloatArray) -> FloatArray:
        """Give samples x needed genes, from samples x those of them that are held."""
        if values.shape[1] == len(self.location):
            return values
        covered = np.tile(self.location, (len(values), 1))
        covered[:, self.present] = values
        return covered


def plan_cover(
    held: Sequence[str], reference: Reference, genes: Sequence[str], *, minimum: float
) -> Cover:
    """Find every needed gene among those held, once for all profiles that hold the same.

    Raises
    ------
    CoverageError
        Fewer than `minimum` of `genes` are held, or none.
    GeneIdError
        The reference lacks one of `genes`.
    """
    location = reference.location[reference.positions(genes)]
    coverage = coverage_of(held, genes)
    _refuse_too_little(coverage, minimum=minimum)
    column = {gene: place for place, gene in enumerate(held)}
    places = np.array([column.get(gene, -1) for gene in genes], dtype=np.intp)
    stand_ins = {
        gene: float(mean)
        for gene, mean, place in zip(genes, location, places, strict=True)
        if place < 0
    }
    return Cover(location, places, replace(coverage, replaced=dict(sorted(stand_ins.items()))))


def _refuse_too_little(coverage: GeneCoverage, *, minimum: float) -> None:
    needed = len(coverage.matched) + len(coverage.missing)
    if needed == 0 or (coverage.matched and coverage.fraction >= minimum):
        return
    raise CoverageError(
        f"The profile holds {len(coverage.matched)} of {needed} needed genes "
        f"({coverage.fraction:.0%}); missing are {named(coverage.missing)}.",
        needed=f"at least one gene and at least {minimum:.0%} of them.",
        remedy="Measure more genes, check the gene identifiers, or use a bundle that was "
        "validated for fewer genes.",
    )
