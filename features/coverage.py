"""Which of the needed genes a profile holds, and what stands in for the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.errors import CoverageError
from features.gene_values import gene_values, named, refuse_duplicated_genes
from features.reference import Reference


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
    held = frozenset(expression.columns)
    needed = sorted(set(genes))
    matched = tuple(gene for gene in needed if gene in held)
    missing = tuple(gene for gene in needed if gene not in held)
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
    refuse_duplicated_genes(expression)
    genes = list(dict.fromkeys(genes))
    location = reference.location[reference.positions(genes)]
    coverage = gene_coverage(expression, genes)
    _refuse_too_little(coverage, minimum=minimum)
    missing = frozenset(coverage.missing)
    is_missing = np.array([gene in missing for gene in genes], dtype=np.bool_)
    present = [gene for gene in genes if gene not in missing]
    values = np.tile(location, (len(expression), 1))
    values[:, ~is_missing] = gene_values(expression, present)
    replaced = {
        gene: float(mean) for gene, mean in zip(genes, location, strict=True) if gene in missing
    }
    covered = pd.DataFrame(values, index=expression.index, columns=genes)
    return covered, GeneCoverage(
        coverage.matched, coverage.missing, coverage.fraction, dict(sorted(replaced.items()))
    )


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
