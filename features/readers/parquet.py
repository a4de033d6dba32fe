"""Parquet: one column of names and numbers beside it, in either orientation."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from features.errors import FormatError, LimitError, ReadError
from features.readers.cells import refuse_non_finite
from features.readers.diagnosis import header_only
from features.readers.orientation import settle_orientation
from features.readers.peek import BINARY_FORMATS, Peek
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import stack_columns
from features.readers.text_files import ReadLimits, first_bytes

_VALUE_BYTES = 4


def recognises(peek: Peek) -> bool:
    """Tell Parquet by its magic bytes."""
    return peek.magic.startswith(BINARY_FORMATS["parquet"])


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read a Parquet file with one text column (or text index) and number columns.

    Raises
    ------
    LimitError
        Its metadata declares more than the limit, or more than the bytes at hand can hold.
    FormatError
        No text column, several, or columns of another type.
    CellError
        Nulls, NaN or infinite values.
    """
    first_bytes(path, 8)
    try:
        table = _read_within_limits(path, options.limits)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise ReadError(
            f"{path.name} is damaged or no Parquet file: {str(error)[:200]}.",
            needed="a whole Parquet file.",
            remedy="write or download it again.",
        ) from error
    name_column = _name_column(table, path.name)
    if not table.num_rows:
        raise header_only(path.name)
    rows = _texts(table.column(name_column), path.name)
    positions = [n for n in range(table.num_columns) if n != name_column]
    columns = tuple(table.column_names[n] for n in positions)
    values = stack_columns([table.column(n) for n in positions])
    refuse_non_finite(values.T, rows, columns, file_name=path.name)
    orientation, how = settle_orientation(rows, columns, options, path.name)
    has_gene_rows = orientation == "genes_by_samples"
    return RawMatrix(
        values=values if has_gene_rows else values.T,
        sample_ids=columns if has_gene_rows else tuple(rows),
        gene_ids=tuple(rows) if has_gene_rows else columns,
        orientation=orientation,
        delimiter=None,
        steps=(f"Parquet: names in column {table.column_names[name_column]!r}.", how),
    )


def _read_within_limits(path: Path, limits: ReadLimits) -> pa.Table:
    with parquet.ParquetFile(path) as file:
        metadata = file.metadata
        declared = sum(
            metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)
        )
        n_bytes = max(declared, metadata.num_rows * metadata.num_columns * _VALUE_BYTES)
        if n_bytes > limits.max_bytes:
            raise LimitError(
                f"{path.name} ({path.stat().st_size:,} bytes; {metadata.num_rows:,} rows x "
                f"{metadata.num_columns:,} columns) decompresses to {n_bytes:,} bytes.",
                needed=f"at most {limits.max_bytes:,} bytes after decompression.",
                remedy="keep only the genes and samples that are needed, or raise the limit.",
            )
        return file.read()


def _name_column(table: pa.Table, file_name: str) -> int:
    types = [
        field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        for field in table.schema
    ]
    texts = [n for n, t in enumerate(types) if pa.types.is_string(t) or pa.types.is_large_string(t)]
    others = [
        f"{table.column_names[n]} ({t})"
        for n, t in enumerate(types)
        if n not in texts and not (pa.types.is_integer(t) or pa.types.is_floating(t))
    ]
    if len(texts) == 1 and not others and len(types) > 1:
        return texts[0]
    named = ", ".join(table.column_names[n] for n in texts[:5]) or "none"
    raise FormatError(
        f"{file_name} has {len(texts)} text columns ({named}) and {len(others)} columns that are "
        f"neither text nor numbers ({', '.join(others[:5]) or 'none'}).",
        needed="one text column (or index) with the names of the rows, and number columns.",
        remedy="name the rows (for example DataFrame.to_parquet with the names as index) and drop "
        "the other text columns; numbers held as text must be numbers.",
    )


def _texts(column: pa.ChunkedArray, file_name: str) -> list[str]:
    if column.null_count:
        raise FormatError(
            f"{file_name}: {column.null_count} row(s) have no name.",
            needed="a name for every row.",
            remedy="drop or name the rows without a name.",
        )
    texts: list[str] = column.cast(pa.string()).to_pylist()
    return texts
