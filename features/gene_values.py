"""The values of named genes out of an expression table, checked on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.errors import CellError, CoverageError, GeneIdError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

N_NAMED = 10  # names that a message lists before it only counts


def gene_values(expression: pd.DataFrame, genes: Sequence[str]) -> FloatArray:
    """Take the columns of `genes`, by name and in that order.

    Parameters
    ----------
    expression
        Samples x genes; other columns are not looked at.
    genes
        Gene symbols.

    Returns
    -------
    ndarray
        Samples x `genes`, float64, C-contiguous.

    Raises
    ------
    GeneIdError
        A column name occurs twice.
    CoverageError
        A gene is not among the columns.
    CellError
        A value is not a finite number.
    """
    import pandas as pd

    refuse_duplicated_genes(expression)
    positions = expression.columns.get_indexer(pd.Index(genes, dtype=object))
    missing = [gene for gene, position in zip(genes, positions, strict=True) if position < 0]
    if missing:
        raise CoverageError(
            f"{len(missing)} of {len(genes)} genes are missing: {named(missing)}.",
            needed="a column for every one of these genes.",
            remedy="Fill them in with features.coverage.cover, which says what stands in for them.",
        )
    taken = expression.iloc[:, positions]
    try:
        values = np.ascontiguousarray(taken.to_numpy(dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise CellError(
            f"Columns of genes hold something other than numbers ({error}).",
            needed="numbers on a log2 scale.",
            remedy="Read the file with features.reading.read_expression.",
        ) from error
    _refuse_non_finite(values, taken)
    return values


def refuse_duplicated_genes(expression: pd.DataFrame) -> None:
    """Raise GeneIdError when a column name occurs more than once."""
    if expression.columns.is_unique:
        return
    twice = expression.columns[expression.columns.duplicated()].unique()
    raise GeneIdError(
        f"{len(twice)} columns occur more than once: {named(twice)}.",
        needed="one column a gene.",
        remedy="Merge them: read_expression(..., duplicate_genes='mean').",
    )


def named(names: Sequence[str] | pd.Index[str]) -> str:
    """List the first names and count the rest."""
    listed = ", ".join(str(name) for name in names[:N_NAMED])
    rest = len(names) - N_NAMED
    return f"{listed} and {rest} more" if rest > 0 else listed


def _refuse_non_finite(values: FloatArray, taken: pd.DataFrame) -> None:
    finite = np.isfinite(values)
    if finite.all():
        return
    row, column = np.argwhere(~finite)[0]
    raise CellError(
        f"{int((~finite).sum())} values are not finite numbers, the first of them "
        f"{values[row, column]} for gene {taken.columns[column]} of sample {taken.index[row]}.",
        needed="a finite number for every gene of every sample.",
        remedy="Leave the gene or the sample out, or measure it; no value is made up here.",
    )
