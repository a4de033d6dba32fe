"""Rank-based score of a gene set (singscore; Foroutan 2018, doi:10.1186/s12859-018-2435-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from features.errors import GeneSetError
from features.gene_values import FloatArray, gene_values, named
from features.ranks import within_sample_ranks
from features.reference import Reference
from features.scores.mean_z import mean_weights
from features.scores.members import members_in_universe, set_frame

if TYPE_CHECKING:
    import pandas as pd


def score_rank(
    expression: pd.DataFrame,
    gene_sets: Mapping[str, Sequence[str]],
    *,
    reference: Reference,
) -> pd.DataFrame:
    """Score every set by the mean within-sample rank of its genes.

    The mean rank is scaled by the lowest and the highest that a set of this size can have among
    the genes of the reference, and centred. Tied genes share their mean rank (the original takes
    the lowest).

    Parameters
    ----------
    expression
        Samples x genes; every gene of the reference must be there.
    gene_sets
        Name -> gene symbols; genes outside the reference are left out.
    reference
        Fitted on the training cohort; only its gene universe is used.

    Returns
    -------
    DataFrame
        Samples x sets, float64, from -0.5 (the lowest genes of the profile) to 0.5 (the highest).

    Raises
    ------
    GeneSetError
        A set has no gene in the reference, or all of them.
    CoverageError, CellError
        A gene is missing, or a value is not finite.
    """
    members = members_in_universe(gene_sets, reference)
    scores = rank_scores(gene_values(expression, reference.genes), members, reference)
    return set_frame(scores, expression, members)


def rank_scores(
    values: FloatArray, gene_sets: Mapping[str, Sequence[str]], reference: Reference
) -> FloatArray:
    """Score samples x the whole universe; the sets hold no gene outside it."""
    refuse_whole_universe(gene_sets, reference)
    mean_ranks = within_sample_ranks(values) @ mean_weights(reference.genes, gene_sets)
    return _centred(mean_ranks, gene_sets, len(reference.genes))


def refuse_whole_universe(gene_sets: Mapping[str, Sequence[str]], reference: Reference) -> None:
    """Raise GeneSetError for sets that leave no gene to be compared with."""
    n_genes = len(reference.genes)
    whole = [name for name, genes in gene_sets.items() if len(genes) == n_genes]
    if whole:
        raise GeneSetError(
            f"The sets {named(whole)} hold all {n_genes} genes of the reference.",
            needed="genes outside the set, which its own are ranked against.",
            remedy="Use score 'mean_z', or a cohort with more genes.",
        )


def _centred(
    mean_ranks: FloatArray, gene_sets: Mapping[str, Sequence[str]], n_genes: int
) -> FloatArray:
    sizes = np.array([len(genes) for genes in gene_sets.values()], dtype=np.float64)
    lowest = (sizes + 1) / 2
    highest = n_genes - (sizes - 1) / 2
    return (mean_ranks - lowest) / (highest - lowest) - 0.5
