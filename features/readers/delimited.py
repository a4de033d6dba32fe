"""CSV and TSV, genes x samples or samples x genes, plain, gzipped or zipped."""

from __future__ import annotations

from pathlib import Path

from features.errors import FormatError
from features.readers.diagnosis import header_only
from features.readers.layout import DELIMITER_NAMES, TableLayout
from features.readers.orientation import settle_orientation
from features.readers.peek import Peek, open_table
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import NumberTable, read_table, split_line
from features.readers.text_files import TextFile


def recognises_csv(peek: Peek) -> bool:
    """Any text that no other format claims."""
    return bool(peek.first_line)


def recognises_tsv(peek: Peek) -> bool:
    """Tell tab-separated text."""
    return "\t" in peek.first_line


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read a table of one name column and numbers; delimiter and orientation are detected."""
    file = open_table(path, options.limits)
    layout, steps = detect_layout(file)
    table = read_table(file, layout)
    return orient(table, layout, steps, options, path.name)


def orient(
    table: NumberTable, layout: TableLayout, steps: list[str], options: ReadOptions, name: str
) -> RawMatrix:
    """Turn a table of either orientation into samples x ids."""
    rows = table.texts[layout.text_columns[0]]
    orientation, how = settle_orientation(rows, table.names, options, name)
    has_gene_rows = orientation == "genes_by_samples"
    return RawMatrix(
        values=table.values if has_gene_rows else table.values.T,
        sample_ids=table.names if has_gene_rows else tuple(rows),
        gene_ids=tuple(rows) if has_gene_rows else table.names,
        orientation=orientation,
        delimiter=DELIMITER_NAMES[layout.delimiter],
        steps=(*steps, how),
    )


def detect_layout(file: TextFile) -> tuple[TableLayout, list[str]]:
    """Find delimiter and header by the first two lines.

    A tab-separated header that is one field short of the first row is what R's `write.table`
    writes: it lacks the name of the first column. (With commas it may be a decimal comma.)
    """
    lines = file.first_lines(2)
    delimiter = _detect_delimiter(lines, file.path.name)
    header = split_line(lines[0], delimiter)
    steps = [f"Delimiter: {DELIMITER_NAMES[delimiter]}."]
    if len(lines) < 2 or not lines[1].strip():
        raise header_only(file.path.name)
    if delimiter == "\t" and len(split_line(lines[1], delimiter)) == len(header) + 1:
        header = ["", *header]
        steps.append("The header is one name short, as R writes it: it names the number columns.")
    return TableLayout(tuple(header), delimiter, n_lines_before=1), steps


def _detect_delimiter(lines: list[str], file_name: str) -> str:
    widths = {mark: len(split_line(lines[0], mark)) for mark in DELIMITER_NAMES}
    if len(lines) > 1:
        row_widths = {mark: len(split_line(lines[1], mark)) for mark in DELIMITER_NAMES}
        fitting = {m: w for m, w in widths.items() if row_widths[m] - w in (0, 1)}
        widths = fitting if any(row_widths[m] > 1 for m in fitting) else widths
        best = max(widths, key=lambda mark: max(widths[mark], row_widths[mark]))
        n_columns = max(widths[best], row_widths[best])
    else:
        best = max(widths, key=lambda mark: widths[mark])
        n_columns = widths[best]
    if n_columns < 2:
        raise FormatError(
            f"{file_name} has one column when parted by tab, comma or semicolon; its first line "
            f"begins {lines[0][:60]!r}.",
            needed="a table parted by tab, comma or semicolon.",
            remedy="export it again with one of these delimiters (blanks and | are not taken).",
        )
    return best
