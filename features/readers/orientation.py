"""Which side of a matrix the genes are on."""

from __future__ import annotations

from collections.abc import Sequence

from features.errors import FormatError
from features.readers.raw_matrix import Orientation, ReadOptions

_LONG_SIDE = 1_000
_LONGER_BY = 5


def settle_orientation(
    rows: Sequence[str], columns: Sequence[str], options: ReadOptions, file_name: str
) -> tuple[Orientation, str]:
    """Return the orientation, declared or detected, and the sentence that says how.

    The side that holds at least ten times as many gene ids known beyond doubt as the other is the
    gene side. Where no id is known, a side five times as long and of 1,000 names or more is.

    Raises
    ------
    FormatError
        Neither tells, and nothing was declared.
    """
    if options.orientation is not None:
        return options.orientation, f"Orientation {options.orientation}, as declared."
    n_in_rows, n_in_columns = options.count_genes(rows), options.count_genes(columns)
    counts = (
        f"{n_in_rows} gene ids among {len(rows)} rows, {n_in_columns} among {len(columns)} columns"
    )
    if n_in_rows and n_in_rows >= 10 * n_in_columns:
        return "genes_by_samples", f"Genes are the rows: {counts}."
    if n_in_columns and n_in_columns >= 10 * n_in_rows:
        return "samples_by_genes", f"Genes are the columns: {counts}."
    if not n_in_rows and not n_in_columns:
        if len(rows) >= max(_LONG_SIDE, _LONGER_BY * len(columns)):
            return "genes_by_samples", f"Genes are taken to be the rows, the longer side: {counts}."
        if len(columns) >= max(_LONG_SIDE, _LONGER_BY * len(rows)):
            return "samples_by_genes", (
                f"Genes are taken to be the columns, the longer side: {counts}."
            )
    raise FormatError(
        f"{file_name}: rows ({', '.join(rows[:3])}, ...) and columns "
        f"({', '.join(columns[:3])}, ...) cannot be told apart: {counts}.",
        needed="gene symbols, Ensembl or Entrez ids on one side and samples on the other.",
        remedy="check the names, or declare the orientation (genes_by_samples, samples_by_genes).",
    )


def refuse_transposed(
    genes: Sequence[str], samples: Sequence[str], options: ReadOptions, *, needed: str, found: str
) -> None:
    """Raise `FormatError` when the sample side of a fixed format holds the genes.

    `needed` is what the format fixes, `found` names the file and the format.
    """
    n_genes, n_in_samples = options.count_genes(genes), options.count_genes(samples)
    if n_in_samples and n_in_samples >= 10 * n_genes:
        raise FormatError(
            f"{found} is transposed: {n_in_samples} of the {len(samples)} names where samples "
            f"belong are gene ids ({', '.join(samples[:3])}, ...).",
            needed=needed,
            remedy="read it as format csv (or tsv), which takes either orientation.",
        )
