"""Wide table of DepMap: dose-response AUC of the Sanger screens, models x drugs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from features.errors import FormatError
from training.response import MISSING_SENTINEL, RawResponse, lines_frame, screens_frame

_ID_COLUMN = "depmap_id"


def read(path: Path) -> RawResponse:
    """AUC (0-1, low = sensitive) of every model and column; -99999.0 is missing."""
    try:
        table = pd.read_csv(path, index_col=_ID_COLUMN).astype(float)
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise FormatError(
            f"{path.name} is not the wide table of Sanger AUCs: {error}.",
            needed=f"a CSV with the column {_ID_COLUMN}, then one column of numbers a drug.",
            remedy="Fetch the file again, or check that it is the AUC table.",
        ) from error
    _refuse_repeated_models(table, path)
    values = table.mask(table == MISSING_SENTINEL)
    _refuse_out_of_range(values, path)
    names = [str(name) for name in values.columns]
    values.index = values.index.astype(str)
    return RawResponse(
        values=values,
        lines=lines_frame(values.index, model_id=values.index),
        screens=screens_frame(names),
        kind="dose_response_auc",
        steps=(
            f"{path.name}: {len(values)} models, {len(names)} columns; {MISSING_SENTINEL} stands "
            f"for not measured in {int((table == MISSING_SENTINEL).sum().sum()):,} cells.",
        ),
    )


def _refuse_repeated_models(table: pd.DataFrame, path: Path) -> None:
    repeated = table.index[table.index.duplicated()].unique()
    if len(repeated):
        raise FormatError(
            f"{path.name} holds {len(repeated)} models more than once, such as {repeated[0]}.",
            needed="one row a model.",
            remedy="Fetch the file again, or remove the repeated rows.",
        )


def _refuse_out_of_range(values: pd.DataFrame, path: Path) -> None:
    wrong = ((values < 0) | (values > 1)).any()
    if wrong.any():
        raise FormatError(
            f"{path.name} holds values outside 0 to 1 in {int(wrong.sum())} columns, such as "
            f"{wrong.idxmax()}.",
            needed=f"AUCs from 0 to 1, or {MISSING_SENTINEL} for not measured.",
            remedy="Check that it is the AUC table and not the one of IC50s.",
        )
