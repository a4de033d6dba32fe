"""Fitted dose response of GDSC: one row a line and screen, as .csv, .csv.gz or the official .xlsx.

Source: https://www.cancerrxgene.org/downloads/bulk_download
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from features.errors import FormatError
from training.response import MISSING_SENTINEL, RawResponse, lines_frame

_TEXT = ("CELL_LINE_NAME", "SANGER_MODEL_ID", "TCGA_DESC", "DRUG_NAME", "PUTATIVE_TARGET")
_NUMBERS = ("COSMIC_ID", "DRUG_ID", "MIN_CONC", "MAX_CONC")
_VALUE_COLUMN = {"ln_ic50": "LN_IC50", "dose_response_auc": "AUC"}


def read(path: Path, *, kind: Literal["ln_ic50", "dose_response_auc"] = "ln_ic50") -> RawResponse:
    """Response of every line (by COSMIC id) and screen (by DRUG_ID).

    MIN_CONC and MAX_CONC are µM in the file and ln µM in `screens`; they differ between plates of a
    screen by rounding only, so the median stands for them.
    """
    value = _VALUE_COLUMN[kind]
    table = _read_table(path, [*_TEXT, *_NUMBERS, value])
    measured = table[value].mask(table[value] == MISSING_SENTINEL)
    table = table.assign(
        value=measured, screen=_ids(table["DRUG_ID"]), line=_ids(table["COSMIC_ID"])
    )
    repeated = table.duplicated(["line", "screen"]).sum()
    if repeated:
        raise FormatError(
            f"{path.name} holds {repeated:,} rows for a line and DRUG_ID that it holds already.",
            needed="one row a line and DRUG_ID.",
            remedy="Fetch the file again, or remove the repeated rows.",
        )
    n_missing = int(table["value"].isna().sum())
    return RawResponse(
        values=_spread(table),
        lines=_lines(table),
        screens=_screens(table),
        kind=kind,
        steps=(
            f"{path.name}: {len(table):,} rows, {table['line'].nunique()} lines, "
            f"{table['DRUG_NAME'].nunique()} drug names under {table['screen'].nunique()} ids; "
            f"{value} is missing in {n_missing:,} rows.",
        ),
    )


def _read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return _read_xlsx(path, columns)
    types = {name: pa.string() for name in _TEXT} | {
        name: pa.float64() for name in columns if name not in _TEXT
    }
    options = csv.ConvertOptions(
        include_columns=columns,
        column_types=types,
        strings_can_be_null=True,
        null_values=["", "NA"],
    )
    try:
        table: pd.DataFrame = csv.read_csv(path, convert_options=options).to_pandas()
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, EOFError, zlib.error) as error:
        raise _not_fitted(path, str(error)) from error
    return table


def _read_xlsx(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        return pd.read_excel(path, usecols=columns, engine="openpyxl")
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise _not_fitted(path, str(error)) from error


def _not_fitted(path: Path, why: str) -> FormatError:
    return FormatError(
        f"{path.name} is not a fitted dose response of GDSC: {why}.",
        needed=f"the columns {', '.join([*_TEXT, *_NUMBERS])} and LN_IC50 or AUC.",
        remedy="Fetch the file again from https://www.cancerrxgene.org/downloads/bulk_download.",
    )


def _ids(numbers: pd.Series[float]) -> pd.Series[str]:
    # Ids are written as 906826.0 in some copies.
    return numbers.astype("int64").astype(str)


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    rows, lines = pd.factorize(table["line"], sort=True)
    columns, screens = pd.factorize(table["screen"], sort=True)
    values = np.full((len(lines), len(screens)), np.nan)
    values[rows, columns] = table["value"].to_numpy(dtype=float)
    return pd.DataFrame(values, index=pd.Index(lines), columns=pd.Index(screens))


def _lines(table: pd.DataFrame) -> pd.DataFrame:
    first = table.drop_duplicates("line").set_index("line").sort_index()
    return lines_frame(
        first.index,
        cosmic_id=first.index,
        sanger_model_id=first["SANGER_MODEL_ID"],
        line_name=first["CELL_LINE_NAME"],
        lineage=first["TCGA_DESC"],
    )


def _screens(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.groupby("screen")
    first = groups.first()
    return pd.DataFrame(
        {
            "name": first["DRUG_NAME"].astype(object),
            "target": first["PUTATIVE_TARGET"].astype(object),
            "minimum_ln_um": np.log(groups["MIN_CONC"].median()),
            "maximum_ln_um": np.log(groups["MAX_CONC"].median()),
            "order": first.index.astype("int64"),
        },
        index=first.index,
    )
