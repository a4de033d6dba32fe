"""Tables as MLflow's scoring protocol sends them, as profiles.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally: `dataframe_split`,
`dataframe_records`, `instances`, `inputs`, and CSV. As in `models.pyfunc_model`, the columns
`sample_id` and `lineage` may stand among the genes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.errors import InvalidField, MalformedBodyError
from serving.predictions.fields import text
from serving.predictions.profiles import LONGEST_NAME, NUMBERS, Profiles, refuse_too_many

if TYPE_CHECKING:
    from serving.settings import ServingSettings

SAMPLE_COLUMN, LINEAGE_COLUMN = "sample_id", "lineage"
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of profiles.

    Attributes
    ----------
    columns
        Names.
    rows
        One a sample, each as long as `columns`.
    index
        Names of the samples, where the table has no column of them; None numbers them from 0, as
        pandas does.
    """

    columns: list[str]
    rows: Sequence[Sequence[Any]]
    index: Sequence[Any] | None = None


def read_form(document: Mapping[str, Any], wrong: list[InvalidField]) -> tuple[str, Table] | None:
    """Read the one form that a document has, with its JSON pointer; None where it is wrong."""
    named = [form for form in FORMS if form in document]
    if len(named) != 1:
        wrong.append(InvalidField("", f"must have exactly one of {', '.join(FORMS)}"))
        return None
    (form,) = named
    given, at = document[form], f"/{form}"
    if form == "dataframe_split":
        table = _from_split(given, at, wrong)
    elif form == "inputs" and isinstance(given, dict):
        table = _from_columns(given, at, wrong)
    else:
        table = _from_records(given, at, wrong)
    return None if table is None else (at, table)


def read_csv(body: bytes, settings: ServingSettings) -> Table:
    """Read CSV with a header; a first column without a name holds the names of the samples.

    Raises
    ------
    MalformedBodyError
        It is not CSV in UTF-8, or holds something other than numbers.
    RequestTooLargeError
        More profiles or genes than the limits allow.
    """
    rows: list[list[Any]] = []
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        columns = next(lines, [])
        if columns and not columns[0]:
            columns = [SAMPLE_COLUMN, *columns[1:]]
        for line in lines:
            refuse_too_many(len(rows) + 1, len(columns), settings)
            if line:
                rows.append([_cell(*pair) for pair in zip(columns, line, strict=True)])
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise MalformedBodyError(
            f"The body is not a table of numbers in CSV (line {len(rows) + 2:,} or near it).",
            needed="CSV in UTF-8 with a header: a row a sample, a column a gene, a number each.",
            remedy="write it with pandas.DataFrame.to_csv, without cells that are missing.",
        ) from error
    return Table(columns, rows)


def profiles_of(
    table: Table, settings: ServingSettings, wrong: list[InvalidField], *, at: str
) -> Profiles | None:
    """Take genes, samples and lineages out of a table; None where something is wrong.

    Raises
    ------
    RequestTooLargeError
        More profiles or genes than the limits allow.
    """
    genes = [column for column in table.columns if column not in (SAMPLE_COLUMN, LINEAGE_COLUMN)]
    refuse_too_many(len(table.rows), len(genes), settings)
    if not table.rows or not genes:
        wrong.append(InvalidField(at, "must hold at least one sample and one gene"))
    if not all(0 < len(gene) <= LONGEST_NAME for gene in genes):
        wrong.append(InvalidField(at, f"must name genes by 1 to {LONGEST_NAME} characters"))
    given = _column(table, SAMPLE_COLUMN) or table.index or range(len(table.rows))
    samples: list[Any] = [str(name) if type(name) in (int, float) else name for name in given]
    if len(samples) != len(table.rows) or not all(text(s, longest=LONGEST_NAME) for s in samples):
        wrong.append(InvalidField(at, "must name every sample, by a text or a number"))
    lineages = _column(table, LINEAGE_COLUMN) or []
    if not all(name is None or text(name, longest=LONGEST_NAME) for name in lineages):
        wrong.append(InvalidField(at, "must have names or nulls as lineage"))
    rows = _numbers(table, wrong, at)
    if wrong:
        return None
    named = zip(samples, lineages, strict=False)
    lineage = {sample: name for sample, name in named if name is not None}
    try:
        return Profiles(genes, np.array(rows, dtype=np.float64), tuple(samples), lineage)
    except OverflowError:  # an integer of hundreds of digits
        wrong.append(InvalidField(at, "holds numbers beyond what a double can hold"))
        return None


def _cell(column: str, cell: str) -> Any:
    if column == SAMPLE_COLUMN:
        return cell
    if column == LINEAGE_COLUMN:
        return cell or None
    if "_" in cell:  # which Python allows in a number
        raise ValueError("not a number")
    return float(cell)


def _from_split(given: object, at: str, wrong: list[InvalidField]) -> Table | None:
    if not isinstance(given, dict) or not {"columns", "data"} <= set(given):
        wrong.append(InvalidField(at, "must be an object with `columns` and `data`"))
        return None
    if set(given) - {"columns", "data", "index"}:
        wrong.append(InvalidField(at, "may hold only columns, data and index"))
    columns, rows, index = (given.get(name) for name in ("columns", "data", "index"))
    if not isinstance(columns, list) or any(type(name) not in (str, int) for name in columns):
        wrong.append(InvalidField(f"{at}/columns", "must be a list of names"))
        return None
    if not isinstance(rows, list) or any(
        not isinstance(row, list) or len(row) != len(columns) for row in rows
    ):
        wrong.append(InvalidField(f"{at}/data", "must be a list of rows as long as the columns"))
        return None
    if index is not None and (not isinstance(index, list) or len(index) != len(rows)):
        wrong.append(InvalidField(f"{at}/index", "must be a list of names, one a row"))
        return None
    return Table([str(name) for name in columns], rows, index)


def _from_columns(given: Mapping[str, Any], at: str, wrong: list[InvalidField]) -> Table | None:
    columns = list(given.values())
    if any(not isinstance(column, list) for column in columns):
        wrong.append(InvalidField(at, "must be an object of lists, one a column"))
        return None
    if len({len(column) for column in columns}) > 1:
        wrong.append(InvalidField(at, "must be an object of lists of the same length"))
        return None
    return Table(list(given), list(zip(*columns, strict=True)))


def _from_records(given: object, at: str, wrong: list[InvalidField]) -> Table | None:
    if not isinstance(given, list) or any(not isinstance(record, dict) for record in given):
        wrong.append(InvalidField(at, "must be a list of objects: numbers by gene, one a sample"))
        return None
    columns = list(given[0]) if given else []
    if any(record.keys() != given[0].keys() for record in given):
        wrong.append(InvalidField(at, "must name the same columns in every record"))
        return None
    return Table(columns, [[record[column] for column in columns] for record in given])


def _column(table: Table, name: str) -> list[Any] | None:
    if name not in table.columns:
        return None
    place = table.columns.index(name)
    return [row[place] for row in table.rows]


def _numbers(table: Table, wrong: list[InvalidField], at: str) -> list[list[Any]]:
    """Rows of the genes alone, which must be numbers."""
    named = enumerate(table.columns)
    places = [place for place, name in named if name not in (SAMPLE_COLUMN, LINEAGE_COLUMN)]
    rows = [[row[place] for place in places] for row in table.rows]
    n_wrong = sum(not NUMBERS.issuperset(map(type, row)) for row in rows)
    if n_wrong:
        wrong.append(InvalidField(at, f"holds {n_wrong:,} rows with values that are not numbers"))
    return rows
