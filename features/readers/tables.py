"""The core that all text readers share: a header and rows of numbers, parsed by Arrow."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from features.readers.cells import is_finite
from features.readers.diagnosis import diagnose
from features.readers.layout import TableLayout
from features.readers.row_blocks import BLOCK_BYTES, RowBlocks
from features.readers.text_files import TextFile


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A parsed table.

    Attributes
    ----------
    names
        Header of the number columns, duplicates and all.
    values
        Number columns x rows, float32, finite.
    texts
        The text columns by position, each one text a row.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    texts: dict[int, list[str]]


def read_table(file: TextFile, layout: TableLayout) -> NumberTable:
    """Parse a table whose layout is known.

    Raises
    ------
    CellError
        Cells that are not finite numbers, up to five of them named.
    FormatError
        Ragged rows, no rows, or a missing end mark.
    ReadError, LimitError
        The file is damaged or larger than its limits.
    """
    try:
        table = _parse(file, layout)
        if table is not None:
            positions = layout.number_columns
            values = stack_columns([table.column(str(position)) for position in positions])
            if is_finite(values):
                texts = {
                    position: table.column(str(position)).to_pylist()
                    for position in layout.text_columns
                }
                names = tuple(layout.header[position] for position in positions)
                return NumberTable(names, values, texts)
    except pa.ArrowInvalid as error:
        raise diagnose(file, layout, str(error)) from error
    raise diagnose(file, layout, "it has no rows of finite numbers")


def stack_columns(columns: list[pa.ChunkedArray]) -> NDArray[np.float32]:
    """Stack Arrow columns into one matrix, columns x rows, float32; nulls become NaN."""
    values = np.empty((len(columns), len(columns[0]) if columns else 0), dtype=np.float32)
    for number, column in enumerate(columns):
        if column.type != pa.float32():
            column = column.cast(pa.float32(), safe=False)
        values[number] = column.to_numpy()
    return values


def split_line(line: str, delimiter: str, *, quoted: bool = True) -> list[str]:
    """Part one line into its fields."""
    if not quoted:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter), [])


def _parse(file: TextFile, layout: TableLayout) -> pa.Table | None:
    """Parse block by block; None for a table without rows or without its end mark."""
    types = {str(position): pa.float32() for position in layout.number_columns}
    types |= {str(position): pa.string() for position in layout.text_columns}
    read_options = arrow_csv.ReadOptions(
        column_names=[str(position) for position in range(len(layout.header))],
        block_size=2 * BLOCK_BYTES,
    )
    parse_options = arrow_csv.ParseOptions(
        delimiter=layout.delimiter, quote_char='"' if layout.quoted else False
    )
    convert_options = arrow_csv.ConvertOptions(
        column_types=types,
        include_columns=[str(n) for n in sorted((*layout.text_columns, *layout.number_columns))],
        null_values=[""],
        strings_can_be_null=False,
    )
    blocks = RowBlocks(file, layout)
    tables = [
        arrow_csv.read_csv(pa.BufferReader(block), read_options, parse_options, convert_options)
        for block in blocks
    ]
    return pa.concat_tables(tables) if tables and blocks.is_ended else None
