"""Mean z of a gene set against the frozen reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from features.gene_values import FloatArray, gene_values
from features.reference import Reference
from features.scores.members import members_in_universe, set_frame

if TYPE_CHECKING:
    import pandas as pd


def score_mean_z(
    expression: pd.DataFrame,
    gene_sets: Mapping[str, Sequence[str]],
    *,
    reference: Reference,
) -> pd.DataFrame:
    """Score every set by the mean over its genes of (value - location) / scale.

    Parameters
    ----------
    expression
        Samples x genes, log2; every gene that a set shares with the reference must be there.
    gene_sets
        Name -> gene symbols; genes outside the reference are left out of the mean.
    reference
        Fitted on the training cohort.

    Returns
    -------
    DataFrame
        Samples x sets, float64, standard deviations of the training cohort; higher means more
        expressed. A sample's score depends on no other sample.

    Raises
    ------
    GeneSetError
        A set has no gene in the reference.
    CoverageError, CellError
        A gene is missing, or a value is not finite.
    """
    members = members_in_universe(gene_sets, reference)
    genes = sorted({gene for listed in members.values() for gene in listed})
    z = z_values(expression, genes, reference=reference)
    return set_frame(z @ mean_weights(genes, members), expression, members)


def z_values(expression: pd.DataFrame, genes: Sequence[str], *, reference: Reference) -> FloatArray:
    """Standardise `genes`: (value - location) / scale, samples x genes."""
    return reference.z(gene_values(expression, genes), reference.positions(genes))


def mean_weights(genes: Sequence[str], gene_sets: Mapping[str, Sequence[str]]) -> FloatArray:
    """Genes x sets: 1 / size of the set where the gene belongs to it, else 0."""
    row = {gene: place for place, gene in enumerate(genes)}
    weights = np.zeros((len(genes), len(gene_sets)))
    for column, members in enumerate(gene_sets.values()):
        weights[[row[gene] for gene in members], column] = 1.0 / len(members)
    return weights
