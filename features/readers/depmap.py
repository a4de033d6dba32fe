"""DepMap expression CSV: models as rows, `SYMBOL (entrez)` as columns.

Up to 24Q4 the first column is the ModelID, without a name. From 25Q2 on, columns on the sequencing
of the model stand before the genes, and a model may have several rows of which one is the default
(https://depmap.org/portal/data_page/?tab=allData).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from features.errors import FormatError
from features.readers.layout import TableLayout
from features.readers.orientation import refuse_transposed
from features.readers.peek import Peek, open_table
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.tables import read_table, split_line

_GENE = re.compile(r".+ \([^()]+\)")
_NOTES = {
    "ModelID",
    "SequencingID",
    "ProfileID",
    "IsDefaultEntryForModel",
    "ModelConditionID",
    "IsDefaultEntryForMC",
}
_MODEL = re.compile(r"ACH-\d{6}|PDM-\w+")
_DEFAULT = "IsDefaultEntryForModel"


def recognises(peek: Peek) -> bool:
    """Tell a DepMap file by its columns, most of which are `SYMBOL (entrez)`."""
    corner, *columns = peek.first_line.split(",")
    genes = [column for column in columns if column.strip('"') not in _NOTES]
    n_genes = sum(_GENE.fullmatch(column.strip('"')) is not None for column in genes)
    return bool(genes) and corner.strip('"') in {"", *_NOTES} and 2 * n_genes > len(genes)


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read a DepMap file.

    Raises
    ------
    FormatError
        No ModelID column, no `SYMBOL (entrez)` columns, or genes are the rows.
    """
    file = open_table(path, options.limits)
    header = split_line(next(file.lines(), ""), ",")
    layout, model_column = _layout(header, path.name)
    table = read_table(file, layout)
    models = table.texts[model_column]
    refuse_transposed(table.names, models, options, needed=_NEEDED, found=f"{path.name} (DepMap)")
    _check_genes(table.names, models, path.name)
    steps = [f"DepMap CSV: {len(models):,} rows x {len(table.names):,} columns of genes."]
    values = table.values.T
    if _DEFAULT in header:
        kept = [
            row
            for row, text in enumerate(table.texts[header.index(_DEFAULT)])
            if text.strip().lower() in {"yes", "true", "1"}
        ]
        steps.append(f"{len(kept):,} of {len(models):,} rows are the default of their model.")
        values, models = np.asfortranarray(values[kept]), [models[row] for row in kept]
    return RawMatrix(
        values=values,
        sample_ids=tuple(models),
        gene_ids=table.names,
        orientation="samples_by_genes",
        delimiter="comma",
        steps=tuple(steps),
        id_type="symbol_entrez",
    )


_NEEDED = "a DepMap CSV: models as rows, `SYMBOL (entrez)` as columns."


def _layout(header: list[str], file_name: str) -> tuple[TableLayout, int]:
    notes = tuple(n for n, name in enumerate(header) if name in _NOTES or (n == 0 and not name))
    if "ModelID" in header:
        model_column = header.index("ModelID")
    elif notes and notes[0] == 0 and len(header) > 1:
        model_column = 0
    else:
        raise FormatError(
            f"{file_name} begins with the columns {', '.join(header[:4])[:80]} and has no ModelID.",
            needed=_NEEDED,
            remedy="read it as format csv, which takes either orientation and any gene id.",
        )
    texts = (model_column, *(header.index(name) for name in (_DEFAULT,) if name in header))
    layout = TableLayout(
        header=tuple(header),
        delimiter=",",
        n_lines_before=1,
        text_columns=texts,
        ignored_columns=tuple(n for n in notes if n not in texts),
        row_kind="sample",
        column_kind="gene",
    )
    return layout, model_column


def _check_genes(names: tuple[str, ...], rows: list[str], file_name: str) -> None:
    odd = [name for name in names if not _GENE.fullmatch(name)]
    if 2 * len(odd) < len(names):
        return
    is_transposed = sum(_MODEL.fullmatch(name) is not None for name in names) > len(names) // 2
    what = "is transposed: models are its columns" if is_transposed else "is not in DepMap's layout"
    raise FormatError(
        f"{file_name} {what}: columns {', '.join(odd[:3])}, rows {', '.join(rows[:3])}.",
        needed=_NEEDED,
        remedy="read it as format csv, which takes either orientation and any gene id.",
    )
