"""GCT 1.2 and 1.3 of the Broad Institute: genes x samples, sizes in the second line.

Format: https://software.broadinstitute.org/software/igv/GCT (1.2) and
https://clue.io/connectopedia/gct_format (1.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import FormatError
from features.expression import IdType
from features.gene_ids import detect_id_type
from features.readers.layout import TableLayout
from features.readers.orientation import refuse_transposed
from features.readers.peek import Peek, open_table
from features.readers.probes import needs_platform_map
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import NumberTable, read_table, split_line

_VERSION = re.compile(r"#1\.[23]\s*")
_SYMBOL_COLUMNS = ("description", "pr_gene_symbol", "gene_symbol", "genesymbol", "symbol")
_NO_SYMBOL = {"", "na", "n/a", "---", "null"}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What the second line declares."""

    n_rows: int
    n_samples: int
    n_row_notes: int
    n_column_notes: int


@dataclass(frozen=True, slots=True)
class _Ids:
    """The gene ids that were chosen, and the rows that have one (None: all)."""

    names: tuple[str, ...]
    how: str
    id_type: IdType | None = None
    symbol_hints: tuple[str, ...] = ()
    kept: tuple[int, ...] | None = None


def recognises(peek: Peek) -> bool:
    """Tell a GCT by its version line."""
    return _VERSION.fullmatch(peek.first_line) is not None


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read a GCT file; padded header lines are accepted and said.

    Gene ids are Name where these are `<entrez>_at` or Ensembl (surer than the symbols of their
    year), else the symbols of Description where Name holds probes.
    """
    file = open_table(path, options.limits)
    lines = file.first_lines(3)
    sizes, steps = _read_sizes(lines, path.name)
    layout = _layout(lines, sizes, path.name)
    table = read_table(file, layout)
    _check_sizes(table, sizes, path.name)
    names = table.texts[0]
    refuse_transposed(
        names,
        table.names,
        options,
        needed="a GCT: genes as rows, samples as columns.",
        found=f"{path.name} (GCT)",
    )
    ids = _choose_ids(table, layout, options, path.name)
    return RawMatrix(
        values=table.values if ids.kept is None else table.values[:, ids.kept],
        sample_ids=table.names,
        gene_ids=ids.names,
        orientation="genes_by_samples",
        delimiter="tab",
        steps=(*steps, ids.how),
        id_type=ids.id_type,
        symbol_hints=ids.symbol_hints,
    )


def _read_sizes(lines: Sequence[str], file_name: str) -> tuple[_Sizes, list[str]]:
    if not lines or not _VERSION.fullmatch(lines[0]):
        raise _not_gct(file_name, f"its first line is {lines[0][:40]!r}" if lines else "no line")
    version = lines[0].strip()
    fields = lines[1].rstrip().split("\t") if len(lines) > 1 else []
    n_needed = 2 if version == "#1.2" else 4
    if len(fields) != n_needed or not all(field.strip().isdecimal() for field in fields):
        raise _not_gct(file_name, f"its second line is {' '.join(fields)[:40]!r}")
    counts = [int(field) for field in fields]
    sizes = _Sizes(*counts) if n_needed == 4 else _Sizes(counts[0], counts[1], 1, 0)
    steps = [f"GCT {version[1:]}: {sizes.n_rows:,} rows x {sizes.n_samples:,} samples declared."]
    if lines[0] != version or lines[1] != lines[1].rstrip():
        steps.append("The first two lines are padded with tabs; the padding was dropped.")
    return sizes, steps


def _layout(lines: Sequence[str], sizes: _Sizes, file_name: str) -> TableLayout:
    header = split_line(lines[2], "\t") if len(lines) > 2 else []
    n_before = 1 + sizes.n_row_notes
    n_samples = len(header) - n_before
    if n_samples != sizes.n_samples:
        raise _contradiction(file_name, f"{sizes.n_samples} samples", f"{n_samples}")
    symbol_column = _symbol_column(header[1:n_before])
    texts = (0,) if symbol_column is None else (0, symbol_column)
    return TableLayout(
        header=tuple(header),
        delimiter="\t",
        n_lines_before=3 + sizes.n_column_notes,
        text_columns=texts,
        ignored_columns=tuple(n for n in range(n_before) if n not in texts),
        row_kind="gene",
        column_kind="sample",
    )


def _symbol_column(notes: Sequence[str]) -> int | None:
    lowered = [note.strip().lower() for note in notes]
    return next((lowered.index(name) + 1 for name in _SYMBOL_COLUMNS if name in lowered), None)


def _check_sizes(table: NumberTable, sizes: _Sizes, file_name: str) -> None:
    n_rows = table.values.shape[1]
    if n_rows != sizes.n_rows:
        raise _contradiction(file_name, f"{sizes.n_rows} rows", f"{n_rows}")


def _choose_ids(
    table: NumberTable, layout: TableLayout, options: ReadOptions, file_name: str
) -> _Ids:
    names = tuple(table.texts[0])
    if options.platform_map is not None:
        return _Ids(names, "Gene ids: Name, through the platform map.")
    id_type = detect_id_type(names)
    if id_type == "entrez_at":
        how = "Gene ids: the Entrez ids of Name; Description only where the table lacks the id."
        hints = tuple(_symbol_or_none(text) for text in _descriptions(table, layout))
        return _Ids(names, how, id_type="entrez_at", symbol_hints=hints)
    if id_type == "probe":
        return _symbols_of_probes(table, layout, file_name)
    return _Ids(names, f"Gene ids: Name (type {id_type}), not Description.")


def _symbols_of_probes(table: NumberTable, layout: TableLayout, file_name: str) -> _Ids:
    symbols = [_symbol_or_none(text) for text in _descriptions(table, layout)]
    kept = tuple(row for row, symbol in enumerate(symbols) if symbol)
    if 5 * len(kept) < len(symbols):
        raise needs_platform_map(table.texts[0], (), file_name)
    how = (
        f"Gene ids: the symbols of Description, because Name holds probes; "
        f"{len(symbols) - len(kept):,} rows without one gene were dropped."
    )
    return _Ids(tuple(symbols[row] for row in kept), how, kept=kept)


def _symbol_or_none(text: str) -> str:
    """Return the symbol in a description, "" where there is none or several."""
    symbol = text.strip()
    return "" if symbol.lower() in _NO_SYMBOL or "///" in symbol else symbol


def _descriptions(table: NumberTable, layout: TableLayout) -> list[str]:
    if len(layout.text_columns) < 2:
        return [""] * len(table.texts[0])
    return table.texts[layout.text_columns[1]]


def _contradiction(file_name: str, declared: str, found: str) -> FormatError:
    return FormatError(
        f"{file_name} declares {declared} in its second line and holds {found}.",
        needed="a table of the declared size: the file may be truncated or was cut by hand.",
        remedy="download it again, or correct the second line.",
    )


def _not_gct(file_name: str, what: str) -> FormatError:
    return FormatError(
        f"{file_name} is not a GCT 1.2 or 1.3 file: {what}.",
        needed="#1.2 or #1.3 in the first line and the sizes in the second.",
        remedy="leave the format out to have it detected, or name the right one.",
    )
