"""Genes that a matrix holds more than once, and samples that it must not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    columns = GeneColumns.of(genes)
    loses = len(columns.genes) < len(genes)
    if loses and rule not in _MERGES and (columns.duplicated or rule != "error"):
        raise _duplicated(columns.duplicated, rule, file_name)
    gathered = columns.gather(values, rule=rule)
    return gathered, columns.genes, columns.duplicated


@dataclass(frozen=True, slots=True, eq=False)
class GeneColumns:
    """Which columns of a matrix hold which gene.

    Attributes
    ----------
    genes
        Every gene once, in order of first appearance.
    first
        (n_genes,) its first column.
    repeated
        Place among `genes` -> all columns, of genes with several.
    n_columns
        Columns of the matrix, those without a gene too.
    """

    genes: tuple[str, ...]
    first: NDArray[np.intp]
    repeated: dict[int, NDArray[np.intp]]
    n_columns: int

    @classmethod
    def of(cls, genes: Sequence[str | None]) -> GeneColumns:
        """Find the columns of each gene; a column of None has none."""
        columns: dict[str, list[int]] = {}
        for position, gene in enumerate(genes):
            if gene is not None:
                columns.setdefault(gene, []).append(position)
        return cls(
            genes=tuple(columns),
            first=np.array([found[0] for found in columns.values()], dtype=np.intp),
            repeated={
                place: np.array(found, dtype=np.intp)
                for place, found in enumerate(columns.values())
                if len(found) > 1
            },
            n_columns=len(genes),
        )

    @property
    def duplicated(self) -> dict[str, int]:
        """How many columns each gene with several has."""
        return {self.genes[place]: len(columns) for place, columns in self.repeated.items()}

    def gather(self, values: NDArray[np.float32], *, rule: DuplicateRule) -> NDArray[np.float32]:
        """Give one column a gene; `values` themselves where that is what they are."""
        if len(self.genes) == self.n_columns:
            return values
        gathered = values[:, self.first]
        for place, columns in self.repeated.items():
            gathered[:, place] = _MERGES[rule](values[:, columns].astype(np.float64))
        return gathered


def check_names(sample_ids: Sequence[str], gene_ids: Sequence[str], file_name: str) -> None:
    """Refuse empty names of samples and genes, and samples that are there twice.

    Raises
    ------
    SampleError
        Duplicated or unnamed samples.
    FormatError
        Genes without a name.
    """
    check_gene_names(gene_ids, file_name)
    check_sample_names(sample_ids, file_name)


def check_gene_names(gene_ids: Sequence[str], file_name: str) -> None:
    """Refuse genes without a name (FormatError)."""
    unnamed = [n for n, gene in enumerate(gene_ids, start=1) if not gene or not gene.strip()]
    if unnamed:
        raise FormatError(
            f"{file_name}: {len(unnamed)} gene(s) have no name (number "
            f"{', '.join(map(str, unnamed[:5]))} in the order of the file).",
            needed="a name for every gene.",
            remedy="name these genes or drop them.",
        )


def check_sample_names(sample_ids: Sequence[str], file_name: str) -> None:
    """Refuse samples without a name, and those that are there twice (SampleError)."""
    nameless = [n for n, name in enumerate(sample_ids, start=1) if not name or not name.strip()]
    if nameless:
        raise SampleError(
            f"{file_name}: {len(nameless)} sample(s) have no name (number "
            f"{', '.join(map(str, nameless[:5]))} in the order of the file).",
            needed="a name for every sample.",
            remedy="name these samples or drop them.",
        )
    if len(set(sample_ids)) < len(sample_ids):
        repeated = [name for name, count in Counter(sample_ids).items() if count > 1]
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
