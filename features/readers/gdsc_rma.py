"""GDSC basal expression (RMA log2): `GENE_SYMBOLS`, `GENE_title`, then `DATA.<COSMIC id>`.

Source: https://www.cancerrxgene.org/gdsc1000/GDSC1000_WebResources/Home.html. The official file
measures a few cell lines twice (`DATA.1503362` and `DATA.1503362.1`) and has rows without a symbol.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.errors import FormatError
from features.readers.layout import TableLayout
from features.readers.peek import Peek, open_table
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import read_table

_SAMPLE = re.compile(r"DATA\.(\d+)(\.\d+)?")


def recognises(peek: Peek) -> bool:
    """Tell the file by its first two columns."""
    return peek.first_line.startswith("GENE_SYMBOLS\tGENE_title\t")


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read the zip or the text in it; sample ids are COSMIC ids.

    Arrays of the same line are averaged, and rows without a gene symbol dropped; both are said.

    Raises
    ------
    FormatError
        Its columns are not those of the GDSC.
    """
    file = open_table(path, options.limits)
    header = next(file.lines(), "").split("\t")
    cosmic_ids = _cosmic_ids(header, path.name)
    layout = TableLayout(
        header=tuple(header),
        delimiter="\t",
        n_lines_before=1,
        ignored_columns=(1,),
        row_kind="gene",
        column_kind="sample",
        quoted=False,
    )
    table = read_table(file, layout)
    genes = table.texts[0]
    named = [row for row, gene in enumerate(genes) if gene.strip()]
    values = table.values if len(named) == len(genes) else table.values[:, named]
    values, samples, steps = _average_arrays(values, cosmic_ids)
    if len(named) < len(genes):
        steps = (*steps, f"{len(genes) - len(named):,} rows have no gene symbol: dropped.")
    return RawMatrix(
        values=values,
        sample_ids=samples,
        gene_ids=tuple(genes[row] for row in named),
        orientation="genes_by_samples",
        delimiter="tab",
        steps=(f"GDSC basal expression: {len(samples):,} COSMIC ids.", *steps),
    )


def _cosmic_ids(header: list[str], file_name: str) -> list[str]:
    matches = [_SAMPLE.fullmatch(name) for name in header[2:]]
    odd = [name for name, match in zip(header[2:], matches, strict=True) if match is None]
    if header[:1] != ["GENE_SYMBOLS"] or not matches or odd:
        raise FormatError(
            f"{file_name} has the columns {', '.join(header[:2] + odd[:3])[:120]}.",
            needed="GENE_SYMBOLS, GENE_title and DATA.<COSMIC id> columns, parted by tabs.",
            remedy="fetch Cell_line_RMA_proc_basalExp.txt.zip again, or read it as format tsv.",
        )
    return [match.group(1) for match in matches if match is not None]


def _average_arrays(
    values: NDArray[np.float32], cosmic_ids: list[str]
) -> tuple[NDArray[np.float32], tuple[str, ...], tuple[str, ...]]:
    arrays: dict[str, list[int]] = {}
    for position, cosmic_id in enumerate(cosmic_ids):
        arrays.setdefault(cosmic_id, []).append(position)
    repeated = {cosmic_id: rows for cosmic_id, rows in arrays.items() if len(rows) > 1}
    if not repeated:
        return values, tuple(arrays), ()
    for rows in repeated.values():
        values[rows[0]] = values[rows].mean(axis=0, dtype=np.float64)
    named = ", ".join(f"{cosmic_id} ({len(rows)})" for cosmic_id, rows in repeated.items())
    step = f"{len(repeated)} COSMIC ids have several arrays, which were averaged: {named}."
    return values[[rows[0] for rows in arrays.values()]], tuple(arrays), (step,)
