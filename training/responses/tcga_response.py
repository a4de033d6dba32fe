"""Clinical response of TCGA patients to drugs: one row a patient and drug."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from features.errors import FormatError
from training.drugs import drug_key
from training.response import RawResponse, lines_frame, screens_frame

_COLUMNS = ("patient.arr", "drug", "response")

CLINICAL_RESPONSE = {
    "Complete Response": 0.0,
    "Partial Response": 0.0,
    "Stable Disease": 1.0,
    "Clinical Progressive Disease": 1.0,
}
"""RECIST categories, as the clinical files write them: 0 responder, 1 non-responder."""


def read(path: Path) -> RawResponse:
    """Response of every patient and drug: 0 for CR or PR, 1 for SD or PD.

    Of several records of a patient under one drug the worst counts: a patient whose disease came
    through the drug once did not respond to it.
    """
    table = _read_table(path)
    values = table["response"].map(CLINICAL_RESPONSE)
    unknown = sorted(table.loc[values.isna(), "response"].unique())
    if unknown:
        raise FormatError(
            f"{path.name} holds responses that are not known: {', '.join(map(repr, unknown))}.",
            needed=f"{', '.join(CLINICAL_RESPONSE)}.",
            remedy="Map them to one of these, or remove the rows.",
        )
    table = table.assign(value=values, key=table["drug"].map(drug_key))
    names = table.drop_duplicates("key").set_index("key")["drug"]
    worst = table.groupby(["patient.arr", "key"])["value"].max().unstack()  # noqa: PD010
    worst = worst.rename(columns=names.to_dict())
    merged = len(table) - int(worst.notna().sum().sum())
    worst.columns = pd.Index([str(name) for name in worst.columns])
    return RawResponse(
        values=worst,
        lines=lines_frame(worst.index, patient=worst.index),
        screens=screens_frame(list(worst.columns)),
        kind="clinical_response",
        steps=(
            f"{path.name}: {len(table):,} records of {len(worst)} patients and "
            f"{worst.shape[1]} drugs; complete and partial response against stable and progressive "
            f"disease; {merged} records were merged with a worse or equal one of the same drug.",
        ),
    )


def _read_table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, usecols=list(_COLUMNS))
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(
            f"{path.name} is not a table of clinical responses: {error}.",
            needed=f"a CSV with the columns {', '.join(_COLUMNS)}.",
            remedy="Fetch the file again, or put the table into a mirror.",
        ) from error
