"""Balances: one gene-set score against another, such as fission against fusion."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from features.errors import GeneSetError
from features.gene_sets import Balance


def score_balances(scores: pd.DataFrame, balances: Iterable[Balance]) -> pd.DataFrame:
    """Subtract the score of the denominator from that of the numerator.

    Scores live on a log scale, so a difference is the log of a ratio.

    Parameters
    ----------
    scores
        Samples x sets.
    balances
        Each names its two sets.

    Returns
    -------
    DataFrame
        Samples x balances, in the unit of `scores`; positive leans to the numerator.

    Raises
    ------
    GeneSetError
        A set of a balance has no score.
    """
    columns = {}
    for balance in balances:
        absent = [s for s in (balance.numerator, balance.denominator) if s not in scores.columns]
        if absent:
            raise GeneSetError(
                f"The balance {balance.name} lacks a score for {' and '.join(absent)}.",
                needed="scores of both its sets.",
                remedy="Score both sets first, or leave the balance out.",
            )
        columns[balance.name] = scores[balance.numerator] - scores[balance.denominator]
    return pd.DataFrame(columns, index=scores.index, dtype="float64")
