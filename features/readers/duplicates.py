"""Genes that a matrix holds more than once, and samples that it must not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.errors import FormatError, GeneIdError, SampleError

DuplicateRule = Literal["mean", "max", "median", "error"]
_Merge = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# Rows are sorted before they are summed, so that their order in the file changes no bit.
_MERGES: dict[str, _Merge] = {
    "mean": lambda rows: np.sort(rows, axis=1).mean(axis=1),
    "max": lambda rows: rows.max(axis=1),
    "median": lambda rows: np.median(rows, axis=1),
}


def gather_genes(
    values: NDArray[np.float32],
    genes: Sequence[str | None],
    *,
    rule: DuplicateRule,
    file_name: str,
) -> tuple[NDArray[np.float32], tuple[str, ...], dict[str, int]]:
    """Return one column a gene, in order of first appearance.

    Parameters
    ----------
    values
        Samples x ids, log2.
    genes
        Gene of each column; None drops it.
    rule
        What becomes of genes with several columns.

    Returns
    -------
    tuple
        Samples x genes, the genes, and the number of columns of each gene that had several.

    Raises
    ------
    GeneIdError
        Duplicated genes under the rule "error", or an unknown rule.
    """
    columns: dict[str, list[int]] = {}
    for position, gene in enumerate(genes):
        if gene is not None:
            columns.setdefault(gene, []).append(position)
    duplicated = {gene: len(found) for gene, found in columns.items() if len(found) > 1}
    if len(columns) == len(genes):
        return values, tuple(columns), duplicated
    if rule not in _MERGES and (duplicated or rule != "error"):
        raise _duplicated(duplicated, rule, file_name)
    gathered = np.empty((len(columns), values.shape[0]), dtype=np.float32)
    for number, found in enumerate(columns.values()):
        if len(found) == 1:
            gathered[number] = values[:, found[0]]
        else:
            gathered[number] = _MERGES[rule](values[:, found].astype(np.float64))
    return gathered.T, tuple(columns), duplicated


def check_names(sample_ids: Sequence[str], gene_ids: Sequence[str], file_name: str) -> None:
    """Refuse empty names of samples and genes, and samples that are there twice.

    Raises
    ------
    SampleError
        Duplicated or unnamed samples.
    FormatError
        Genes without a name.
    """
    unnamed = [n for n, gene in enumerate(gene_ids, start=1) if not gene or not gene.strip()]
    if unnamed:
        raise FormatError(
            f"{file_name}: {len(unnamed)} gene(s) have no name (number "
            f"{', '.join(map(str, unnamed[:5]))} in the order of the file).",
            needed="a name for every gene.",
            remedy="name these genes or drop them.",
        )
    nameless = [n for n, name in enumerate(sample_ids, start=1) if not name or not name.strip()]
    if nameless:
        raise SampleError(
            f"{file_name}: {len(nameless)} sample(s) have no name (number "
            f"{', '.join(map(str, nameless[:5]))} in the order of the file).",
            needed="a name for every sample.",
            remedy="name these samples or drop them.",
        )
    repeated = [name for name, count in Counter(sample_ids).items() if count > 1]
    if repeated:
        raise SampleError(
            f"{file_name}: {len(repeated)} sample(s) are there more than once: "
            f"{', '.join(repeated[:5])}.",
            needed="one profile a sample.",
            remedy="keep one of them, or name replicates apart.",
        )


def _duplicated(duplicated: dict[str, int], rule: str, file_name: str) -> GeneIdError:
    if rule != "error":
        return GeneIdError(
            f"There is no rule {rule!r} for duplicated genes.",
            needed="mean, max, median or error.",
            remedy="name one of these.",
        )
    named = [f"{gene} ({count})" for gene, count in list(duplicated.items())[:5]]
    return GeneIdError(
        f"{file_name} holds {len(duplicated):,} gene(s) more than once: {', '.join(named)}.",
        needed="one row a gene, under the rule `error`.",
        remedy="declare a rule for duplicated genes: mean, max or median.",
    )
