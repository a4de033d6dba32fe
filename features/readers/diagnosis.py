"""Why a table could not be read: the slow second look that names rows and cells.

Arrow reads fast and says little about what stopped it. Only when it stopped is the file read
again, line by line, to name what a person has to mend.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import numpy as np

from features.errors import FormatError, ReadError
from features.readers.cells import BadCells
from features.readers.layout import DELIMITER_NAMES, TableLayout
from features.readers.text_files import TextFile

_LARGEST = float(np.finfo(np.float32).max)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


def diagnose(file: TextFile, layout: TableLayout, reason: str) -> ReadError:
    """Return the error that says what is wrong with a table that could not be parsed."""
    bad_cells = BadCells(layout.row_kind, layout.column_kind)
    n_rows = 0
    is_ended = layout.end_mark is None
    ragged: FormatError | None = None
    for line_number, fields in _rows(file, layout):
        if fields == [layout.end_mark]:
            is_ended = True
            continue
        n_rows += 1
        if len(fields) != len(layout.header):
            ragged = ragged or _ragged(file, layout, line_number, fields)
        elif not _are_numbers(fields, layout):
            _note_bad_cells(bad_cells, fields, layout)
    if not is_ended:
        return _truncated(file, layout)
    if n_rows == 0:
        return header_only(file.path.name)
    return ragged or bad_cells.error(file.path.name) or _unexplained(file, reason)


def header_only(file_name: str) -> FormatError:
    """Return the error for a table without rows."""
    return FormatError(
        f"{file_name} has a header and no rows.",
        needed="at least one row of values.",
        remedy="check that the export or the download ran to its end.",
    )


def _rows(file: TextFile, layout: TableLayout) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(file.lines(), start=1):
        if number <= layout.n_lines_before or not line:
            continue
        if layout.quoted:
            yield number, next(csv.reader([line], delimiter=layout.delimiter), [])
        else:
            yield number, line.split(layout.delimiter)


def _are_numbers(fields: list[str], layout: TableLayout) -> bool:
    try:
        values = np.array([fields[n] for n in layout.number_columns], dtype=np.float64)
    except ValueError:
        return False
    return bool((np.abs(values) <= _LARGEST).all())


def _note_bad_cells(bad_cells: BadCells, fields: list[str], layout: TableLayout) -> None:
    row = next((fields[n] for n in layout.text_columns), "?")
    for position in layout.number_columns:
        text = fields[position]
        if not _NUMBER.fullmatch(text) or abs(float(text)) > _LARGEST:
            bad_cells.add(row, layout.header[position], text)


def _ragged(file: TextFile, layout: TableLayout, number: int, fields: list[str]) -> FormatError:
    n_needed = len(layout.header)
    remedy = "export the table again; a name that holds the delimiter must be quoted."
    if layout.delimiter == "," and len(fields) - 1 == 2 * (n_needed - 1):
        remedy = "the cells look like decimal commas: export with a decimal point."
    return FormatError(
        f"{file.path.name}, line {number} ({fields[0][:40] if fields else ''}), has "
        f"{len(fields)} fields where the header has {n_needed} "
        f"(delimiter: {DELIMITER_NAMES.get(layout.delimiter, layout.delimiter)}).",
        needed="the same number of fields in every row.",
        remedy=remedy,
    )


def _truncated(file: TextFile, layout: TableLayout) -> FormatError:
    return FormatError(
        f"{file.path.name} ends without {layout.end_mark}: it is truncated.",
        needed=f"a whole table, closed by {layout.end_mark}.",
        remedy="download it again and compare its size.",
    )


def _unexplained(file: TextFile, reason: str) -> FormatError:
    return FormatError(
        f"{file.path.name} could not be parsed: {reason[:300]}.",
        needed="a table of plain numbers such as 7.25 or 1e-3.",
        remedy="export it again as CSV with a header, one name column and numbers.",
    )
