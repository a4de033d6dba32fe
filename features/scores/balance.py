"""Balances: one gene-set score against another, such as fission against fusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from features.errors import GeneSetError
from features.gene_sets import Balance
from features.gene_values import FloatArray

if TYPE_CHECKING:
    import pandas as pd


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
    import pandas as pd

    listed = list(balances)
    weights = balance_weights(list(scores.columns), listed)
    return pd.DataFrame(
        scores.to_numpy(dtype=np.float64) @ weights,
        index=scores.index,
        columns=[balance.name for balance in listed],
    )


def balance_weights(gene_sets: Sequence[str], balances: Sequence[Balance]) -> FloatArray:
    """Give sets x balances: 1 for the numerator, -1 for the denominator.

    Raises
    ------
    GeneSetError
        A set of a balance is not among `gene_sets`.
    """
    row = {name: place for place, name in enumerate(gene_sets)}
    weights = np.zeros((len(row), len(balances)))
    for column, balance in enumerate(balances):
        absent = [s for s in (balance.numerator, balance.denominator) if s not in row]
        if absent:
            raise GeneSetError(
                f"The balance {balance.name} lacks a score for {' and '.join(absent)}.",
                needed="scores of both its sets.",
                remedy="Score both sets first, or leave the balance out.",
            )
        weights[row[balance.numerator], column] += 1.0
        weights[row[balance.denominator], column] -= 1.0
    return weights
