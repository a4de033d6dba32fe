"""Single-sample enrichment of a gene set (ssGSEA; Barbie 2009, doi:10.1038/nature08460)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from features.gene_values import FloatArray, gene_values
from features.ranks import within_sample_ranks
from features.reference import Reference
from features.scores.members import members_in_universe, set_frame
from features.scores.rank import refuse_whole_universe

if TYPE_CHECKING:
    import pandas as pd

RANK_EXPONENT = 0.25  # alpha of Barbie 2009


def score_enrichment(
    expression: pd.DataFrame,
    gene_sets: Mapping[str, Sequence[str]],
    *,
    reference: Reference,
) -> pd.DataFrame:
    """Score every set by its raw single-sample enrichment.

    The genes of a profile are walked from the highest to the lowest; the score is the sum, over
    all steps, of the weighted share of the set seen so far minus the share of the other genes
    seen so far. A gene at ascending rank r is counted in the last r steps, so both sums are
    sums over genes and need no walk. Raw scores are not divided by the range over samples,
    which would make a profile's score depend on the others of the call; they do depend on the
    gene universe, which is therefore the frozen one. Tied genes share their mean rank.

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
        Samples x sets, float64, in steps of the walk: within plus or minus half the number of
        genes; higher means more expressed.

    Raises
    ------
    GeneSetError
        A set has no gene in the reference, or all of them.
    CoverageError, CellError
        A gene is missing, or a value is not finite.
    """
    members = members_in_universe(gene_sets, reference)
    scores = enrichment_scores(gene_values(expression, reference.genes), members, reference)
    return set_frame(scores, expression, members)


def enrichment_scores(
    values: FloatArray, gene_sets: Mapping[str, Sequence[str]], reference: Reference
) -> FloatArray:
    """Score samples x the whole universe; the sets hold no gene outside it."""
    refuse_whole_universe(gene_sets, reference)
    ranks = within_sample_ranks(values)
    row = {gene: place for place, gene in enumerate(reference.genes)}
    scores = np.empty((len(ranks), len(gene_sets)))
    n_genes = len(reference.genes)
    all_steps = n_genes * (n_genes + 1) / 2
    for column, genes in enumerate(gene_sets.values()):
        inside = ranks[:, [row[gene] for gene in genes]]
        weights = inside**RANK_EXPONENT
        steps_inside = (weights * inside).sum(axis=1) / weights.sum(axis=1)
        steps_outside = (all_steps - inside.sum(axis=1)) / (n_genes - len(genes))
        scores[:, column] = steps_inside - steps_outside
    return scores
