"""Which genes of a set a score can use, and the table that every score returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from features.errors import GeneSetError
from features.gene_values import FloatArray, named
from features.reference import Reference

if TYPE_CHECKING:
    import pandas as pd


def members_in_universe(
    gene_sets: Mapping[str, Sequence[str]], reference: Reference
) -> dict[str, tuple[str, ...]]:
    """Restrict sets to the reference's genes, each once; a set that keeps none is an error."""
    universe = frozenset(reference.genes)
    members = {
        name: tuple(gene for gene in dict.fromkeys(genes) if gene in universe)
        for name, genes in gene_sets.items()
    }
    empty = [name for name, genes in members.items() if not genes]
    if empty:
        raise GeneSetError(
            f"{len(empty)} gene sets have no gene in the reference: {named(empty)}.",
            needed=f"at least one of the {len(reference.genes)} genes of the training cohort.",
            remedy="Leave these sets out, or check that they use approved gene symbols.",
        )
    return members


def set_frame(
    scores: FloatArray, expression: pd.DataFrame, gene_sets: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Name the rows by the samples and the columns by the sets."""
    import pandas as pd

    return pd.DataFrame(scores, index=expression.index, columns=list(gene_sets))
