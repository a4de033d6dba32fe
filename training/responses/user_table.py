"""A user's own response or labels: long (one row a sample and drug) or wide (one row a sample).

Long: `sample_id`, `drug`, and one of `ln_ic50`, `dose_response_auc`, `label`. Wide: `sample_id`,
then one column a drug. Either may hold `patient` and `lineage`. Labels: `sensitive`, `resistant`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from features.errors import FormatError
from training.response import (
    MISSING_SENTINEL,
    RawResponse,
    ResponseKind,
    lines_frame,
    screens_frame,
)

LABELS = {"sensitive": 0.0, "resistant": 1.0}
_VALUE_COLUMNS: dict[str, ResponseKind] = {
    "ln_ic50": "ln_ic50",
    "dose_response_auc": "dose_response_auc",
    "label": "clinical_response",
}
_ABOUT_SAMPLE = ("patient", "lineage")


def read(path: Path, *, kind: ResponseKind | None = None) -> RawResponse:
    """Response of every sample and drug of a CSV, or of a tab-separated .tsv or .txt.

    Parameters
    ----------
    kind
        What the numbers of a wide table are; a long table and labels say it themselves.
    """
    table = _read_table(path)
    long = "drug" in table.columns
    cells, found_kind = _from_long(table, path) if long else (_from_wide(table, path), None)
    values, kind = _to_numbers(cells, found_kind or kind, path)
    samples = table.drop_duplicates("sample_id").set_index("sample_id").loc[values.index]
    about = {name: samples[name].replace("", None) for name in _ABOUT_SAMPLE if name in samples}
    layout = "long" if long else "wide"
    return RawResponse(
        values=values,
        lines=lines_frame(values.index, **about),
        screens=screens_frame([str(drug) for drug in values.columns]),
        kind=kind,
        steps=(
            f"{path.name}: {layout} table, {len(values)} samples, {values.shape[1]} drugs, {kind}.",
        ),
    )


def _read_table(path: Path) -> pd.DataFrame:
    separator = "\t" if ".tsv" in path.suffixes or ".txt" in path.suffixes else ","
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator)
    except (ValueError, OSError, EOFError) as error:
        raise _wrong(path, f"cannot be read as a table: {error}") from error
    if "sample_id" not in table.columns:
        raise _wrong(path, f"has no column sample_id; it has {', '.join(table.columns[:5])}")
    if table.empty:
        raise _wrong(path, "holds no rows")
    return pd.DataFrame({name: table[name].str.strip() for name in table.columns})


def _from_long(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, ResponseKind]:
    present = [name for name in _VALUE_COLUMNS if name in table.columns]
    if len(present) != 1:
        raise _wrong(path, f"holds {len(present)} of the columns {', '.join(_VALUE_COLUMNS)}")
    repeated = table[table.duplicated(["sample_id", "drug"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise _wrong(path, f"holds {first['sample_id']} under {first['drug']} more than once")
    cells = table.set_index(["sample_id", "drug"])[present[0]]
    if present[0] == "label":
        _refuse_other_labels(cells, path)
    spread = cells.unstack(fill_value="")  # noqa: PD010 (nothing is to be aggregated)
    return spread, _VALUE_COLUMNS[present[0]]


def _refuse_other_labels(cells: pd.Series[str], path: Path) -> None:
    """Labels are words: which of 0 and 1 is sensitive, a table cannot say."""
    other = cells[~cells.isin([*LABELS, "", "NA", "NaN", "nan"])]
    if len(other):
        sample, drug = other.index[0]
        raise _wrong(
            path,
            f"holds the label {other.iloc[0]!r} for {sample} under {drug}, "
            f"not one of {', '.join(LABELS)}",
        )


def _from_wide(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    repeated = table.loc[table["sample_id"].duplicated(), "sample_id"]
    if len(repeated):
        raise _wrong(path, f"holds the sample {repeated.iloc[0]} more than once")
    cells = table.set_index("sample_id").drop(columns=[*_ABOUT_SAMPLE], errors="ignore")
    if cells.shape[1] == 0:
        raise _wrong(path, "has no column of a drug")
    return cells


def _to_numbers(
    cells: pd.DataFrame, kind: ResponseKind | None, path: Path
) -> tuple[pd.DataFrame, ResponseKind]:
    blank = cells.isin(["", "NA", "NaN", "nan"])
    if cells.isin(list(LABELS)).mask(blank, True).all(axis=None):
        return cells.apply(lambda column: column.map(LABELS)), "clinical_response"
    if kind is None:
        raise _wrong(path, "holds numbers in a wide table and nothing says what they are")
    numbers = cells.mask(blank).apply(pd.to_numeric, errors="coerce")
    bad = (numbers.isna() & ~blank) | np.isinf(numbers)
    if kind == "clinical_response":
        bad |= numbers.notna() & ~numbers.isin([0, 1])
    if bad.any(axis=None):
        sample = bad.index[bad.any(axis=1)][0]
        drug = bad.columns[bad.loc[sample]][0]
        raise _wrong(path, f"holds {cells.loc[sample, drug]!r} for {sample} under {drug}")
    return numbers.mask(numbers == MISSING_SENTINEL).astype(float), kind


def _wrong(path: Path, what: str) -> FormatError:
    return FormatError(
        f"{path.name} {what}.",
        needed="sample_id, drug and one of ln_ic50, dose_response_auc or label (sensitive, "
        "resistant) in one row a sample and drug; or sample_id and one column a drug, with the "
        "kind of response said.",
        remedy="Mend the table; docs describe both layouts.",
    )
