"""Check that the drug names of a response table belong to its values.

A wide table whose header was sorted apart from its columns reads without an error and trains
classifiers of the wrong drugs. Dose-response AUCs of the same release agree almost to the digit, so
another file of the same screens tells which column is which drug.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.drugs import drug_key
from training.errors import JoiningError
from training.response import RawResponse

MINIMUM_SHARED = 100
"""Models that two screens must share before their correlation says anything."""

MINIMUM_AGREEMENT = 0.5
"""Median correlation, over drugs that both name, from which the names are believed."""

SAME_SCREEN = 0.9
"""Correlation from which two screens are the same one; different drugs stay well below."""

CLEAR_MARGIN = 0.1
"""By so much the best partner must beat the best drug of another name."""


@dataclass(frozen=True, slots=True)
class DrugNameCheck:
    """Correlation of the columns of a table with the screens of another, by name.

    Attributes
    ----------
    agreement
        Series, column -> correlation with the screen of the same name; drugs that both name only.
    proven
        Column -> name of the drug whose screen it reproduces, for columns where that is beyond
        doubt.
    """

    agreement: pd.Series[float]
    proven: dict[str, str]

    @property
    def median(self) -> float:
        """Median of the agreement."""
        return float(self.agreement.median())

    @property
    def names_hold(self) -> bool:
        """Whether the names belong to the values."""
        return self.median >= MINIMUM_AGREEMENT


def check_drug_names(raw: RawResponse, anchor: RawResponse) -> DrugNameCheck:
    """Compare each column with every screen of `anchor`; both are indexed by the same ids."""
    shared = raw.values.index.intersection(anchor.values.index)
    correlations = _correlate(raw.values.loc[shared], anchor.values.loc[shared])
    keys = anchor.screens.loc[correlations.columns, "name"].map(drug_key)
    by_drug = correlations.T.groupby(keys.to_numpy()).max().T
    own = {str(column): drug_key(str(raw.screens.loc[column, "name"])) for column in by_drug.index}
    agreement = pd.Series(
        {c: by_drug.loc[c, key] for c, key in own.items() if key in by_drug.columns}, dtype=float
    ).dropna()
    if agreement.empty:
        raise JoiningError(
            f"The drug names cannot be checked: no drug has {MINIMUM_SHARED} models in both files.",
            needed="a file of the same screens that shares models and drugs.",
            remedy="Fetch both files again, and check that their ids are ModelIDs.",
        )
    names = dict(zip(keys, anchor.screens.loc[correlations.columns, "name"], strict=True))
    proven = {column: names[key] for column, key in _proven(by_drug).items()}
    return DrugNameCheck(agreement, proven)


def correct_drug_names(raw: RawResponse, check: DrugNameCheck) -> RawResponse:
    """Keep the names when they hold; else keep the proven columns only, under the proven names."""
    median = f"median correlation {check.median:.2f} over {len(check.agreement)} drugs"
    if check.names_hold:
        step = f"The drug names agree with the AUCs of GDSC2: {median}."
        return RawResponse(raw.values, raw.lines, raw.screens, raw.kind, (*raw.steps, step))
    if not check.proven:
        raise JoiningError(
            f"The drug names do not belong to the values: {median} with the AUCs of GDSC2.",
            needed=f"a median of at least {MINIMUM_AGREEMENT}.",
            remedy="Get the table again from DepMap; do not train on this one.",
        )
    columns = list(check.proven)
    examples = ", ".join(f"{column} holds {check.proven[column]}" for column in columns[:3])
    step = (
        f"THE DRUG NAMES OF THE FILE DO NOT BELONG TO ITS VALUES: {median} with the AUCs of GDSC2 "
        f"(for instance {examples}). {len(columns)} columns reproduce a screen of GDSC2 "
        f"(correlation of {SAME_SCREEN} or more, clear of every other drug) and were given its "
        f"name; the other {raw.values.shape[1] - len(columns)} columns were dropped, since "
        "nothing says which drug they hold."
    )
    screens = raw.screens.loc[columns].assign(name=[check.proven[column] for column in columns])
    return RawResponse(raw.values[columns], raw.lines, screens, raw.kind, (*raw.steps, step))


def _proven(by_drug: pd.DataFrame) -> dict[str, str]:
    """Columns and drugs that are each other's best partner, by a clear margin."""
    filled = by_drug.fillna(-1.0)
    values = filled.to_numpy()
    runner_up = np.sort(values, axis=1)[:, -2] if values.shape[1] > 1 else np.full(len(values), -1)
    proven = {}
    for position, (column, best) in enumerate(filled.idxmax(axis=1).items()):
        value = values[position].max()
        is_clear = value >= SAME_SCREEN and value - runner_up[position] >= CLEAR_MARGIN
        if is_clear and filled[best].idxmax() == column:
            proven[str(column)] = str(best)
    return proven


def _correlate(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Pearson correlation of every column of `left` with every one of `right`, pairwise complete.

    NaN where fewer than `MINIMUM_SHARED` rows hold both.
    """
    x, x_there = _filled(left)
    y, y_there = _filled(right)
    n = x_there.T @ y_there
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = (x.T @ y_there) / n, (x_there.T @ y) / n
        covariance = (x.T @ y) / n - mean_x * mean_y
        variance_x = (np.square(x).T @ y_there) / n - np.square(mean_x)
        variance_y = (x_there.T @ np.square(y)) / n - np.square(mean_y)
        correlation = covariance / np.sqrt(variance_x * variance_y)
    correlation[n < MINIMUM_SHARED] = np.nan
    return pd.DataFrame(correlation, index=left.columns, columns=right.columns)


def _filled(frame: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    centred = frame - frame.mean()
    return centred.fillna(0.0).to_numpy(dtype=float), frame.notna().to_numpy(dtype=float)
