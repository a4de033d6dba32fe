"""GEO series matrix: header lines of `!Series_` and `!Sample_`, then probes x samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from features.errors import FormatError
from features.readers.layout import TableLayout
from features.readers.peek import Peek, open_table
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import read_table, split_line
from features.readers.text_files import TextFile

_BEGIN = "!series_matrix_table_begin"
_END = "!series_matrix_table_end"


@dataclass(slots=True)
class _Header:
    """What stands above the table."""

    notes: dict[str, list[str]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    n_lines: int = 0

    def unique(self, key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.notes.get(key, [])))

    @property
    def accession(self) -> str:
        return next(iter(self.unique("!Series_geo_accession")), "the series")


def recognises(peek: Peek) -> bool:
    """Tell a series matrix by its first line."""
    return peek.first_line.startswith(("!Series_", "!Sample_", "!series_matrix"))


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read the table of a series matrix; its ids stay probes until a platform map is applied.

    Raises
    ------
    FormatError
        Two-colour ratios, a series without a table, or one that ends before its end mark.
    """
    file = open_table(path, options.limits)
    header = _read_header(file)
    _refuse_two_colour(header, path.name)
    layout = TableLayout(
        header=header.columns,
        delimiter="\t",
        n_lines_before=header.n_lines,
        row_kind="probe",
        column_kind="sample",
        end_mark=_END,
    )
    table = read_table(file, layout)
    platforms = header.unique("!Sample_platform_id") or header.unique("!Series_platform_id")
    return RawMatrix(
        values=table.values,
        sample_ids=table.names,
        gene_ids=tuple(table.texts[0]),
        orientation="genes_by_samples",
        delimiter="tab",
        steps=_steps(header, platforms),
        platforms=platforms,
    )


def _read_header(file: TextFile) -> _Header:
    header = _Header()
    is_in_table = False
    for number, line in enumerate(file.lines(), start=1):
        if is_in_table:
            header.columns = tuple(split_line(line, "\t"))
            header.n_lines = number
            break
        if line.strip() == _BEGIN:
            is_in_table = True
        elif line.startswith("!"):
            key, *values = split_line(line, "\t")
            header.notes.setdefault(key, []).extend(values)
    if len(header.columns) < 2:
        raise FormatError(
            f"{file.path.name} holds no table after {_BEGIN}."
            if is_in_table
            else f"{file.path.name} holds no {_BEGIN}.",
            needed="a GEO series matrix with its table of values.",
            remedy="download it again; a series of sequencing data has an empty matrix and keeps "
            "its values in a supplementary file: read that as csv or tsv.",
        )
    return header


def _refuse_two_colour(header: _Header, file_name: str) -> None:
    channels = header.unique("!Sample_channel_count")
    second = [key for key in header.notes if key.startswith("!Sample_label_ch2")]
    if not second and all(count == "1" for count in channels):
        return
    raise FormatError(
        f"{file_name} ({header.accession}, {', '.join(header.unique('!Sample_platform_id'))}) is a "
        f"two-colour series: its values are ratios of two samples on one array.",
        needed="one-colour arrays or RNA-seq: the expression of one sample in each column.",
        remedy="choose another series, or process its raw files into one value a sample and gene.",
    )


def _steps(header: _Header, platforms: Sequence[str]) -> tuple[str, ...]:
    named = header.unique("!Series_platform_id")
    steps = [f"GEO series {header.accession}; platform {', '.join(platforms) or 'not named'}."]
    if len(named) > 1:
        steps.append(
            f"The series names the platforms {', '.join(named)}; the samples of this file are "
            f"{', '.join(platforms)}."
        )
    if any("SuperSeries of" in note for note in header.notes.get("!Series_relation", [])):
        steps.append("It is a SuperSeries: this file holds one of its parts.")
    return tuple(steps)
