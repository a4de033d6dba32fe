"""Model.csv of DepMap: the key that joins CCLE names, DepMap, Sanger and COSMIC ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from features.errors import FormatError

_COLUMNS = {
    "ModelID": "model_id",
    "PatientID": "patient",
    "StrippedCellLineName": "line_name",
    "OncotreeLineage": "lineage",
    "CCLEName": "ccle_name",
    "SangerModelID": "sanger_model_id",
    "COSMICID": "cosmic_id",
}


@dataclass(frozen=True, slots=True)
class CellLineModels:
    """Models by ModelID.

    Columns, str or None: patient, line_name (normal form), lineage, ccle_name, sanger_model_id and
    cosmic_id.
    """

    table: pd.DataFrame

    def lookup(self, column: str) -> dict[str, str]:
        """ModelID by the values of a column, without values that several models share."""
        values = self.table[column].dropna()
        unique = values[~values.duplicated(keep=False)]
        return {str(value): str(model) for model, value in unique.items()}


def read_models(path: Path) -> CellLineModels:
    """Models of a Model.csv."""
    try:
        raw = pd.read_csv(path, dtype=str, usecols=list(_COLUMNS))
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(
            f"{path.name} is not a Model.csv of DepMap: {error}.",
            needed=f"a CSV with the columns {', '.join(_COLUMNS)}.",
            remedy="Fetch the file again from https://depmap.org/portal/data_page/?tab=allData.",
        ) from error
    table = raw.rename(columns=_COLUMNS).set_index("model_id")
    if not table.index.is_unique:
        raise FormatError(
            f"{path.name} holds {int(table.index.duplicated().sum())} ModelIDs more than once.",
            needed="one row a ModelID.",
            remedy="Fetch the file again.",
        )
    table["cosmic_id"] = table["cosmic_id"].str.removesuffix(".0")
    table["line_name"] = table["line_name"].map(normalise_line_name, na_action="ignore")
    return CellLineModels(table.astype(object).where(table.notna(), None))


def normalise_line_name(name: str) -> str:
    """Keep letters and digits of a line's name, upper case: `NCI-H3255` becomes `NCIH3255`."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())
