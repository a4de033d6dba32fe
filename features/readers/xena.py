"""UCSC Xena genomic matrix: tab-separated, genes x samples, `sample` in the corner.

Format: https://ucsc-xena.gitbook.io/project/local-xena-hub/data-format
"""

from __future__ import annotations

from pathlib import Path

from features.errors import FormatError
from features.readers.layout import TableLayout
from features.readers.orientation import refuse_transposed
from features.readers.peek import Peek, open_table
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import read_table, split_line

_CORNERS = {"sample", "sampleid", "xena_sample", "ensembl_id", "gene", "probe", "id"}
_OWN_CORNERS = {"sample", "xena_sample"}


def recognises(peek: Peek) -> bool:
    """Tell a Xena matrix by its corner; other corners are read as tsv, to the same values."""
    corner, *columns = peek.first_line.split("\t", 2)
    return bool(columns) and corner.lower() in _OWN_CORNERS and "TCGA-" in peek.first_line


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read a Xena matrix.

    Raises
    ------
    FormatError
        The corner is none of Xena's, or genes are the columns.
    """
    file = open_table(path, options.limits)
    header = split_line(next(file.lines(), ""), "\t")
    if len(header) < 2 or header[0].lower() not in _CORNERS:
        raise FormatError(
            f"{path.name} begins {header[0][:40]!r} and has {len(header)} tab-separated columns.",
            needed="a Xena matrix: tab-separated, `sample` in the corner, genes as rows.",
            remedy="read it as format csv or tsv.",
        )
    layout = TableLayout(
        tuple(header), "\t", n_lines_before=1, row_kind="gene", column_kind="sample"
    )
    table = read_table(file, layout)
    genes = table.texts[0]
    refuse_transposed(
        genes,
        table.names,
        options,
        needed="a Xena matrix: genes as rows, samples as columns.",
        found=f"{path.name} (Xena)",
    )
    return RawMatrix(
        values=table.values,
        sample_ids=table.names,
        gene_ids=tuple(genes),
        orientation="genes_by_samples",
        delimiter="tab",
        steps=(f"UCSC Xena matrix: {len(genes):,} genes x {len(table.names):,} samples.",),
    )
