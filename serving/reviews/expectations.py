"""What the sources of gene sets expect of higher expression."""

from __future__ import annotations

from dataclasses import dataclass

from features.gene_sets import Direction, GeneSetCollection


@dataclass(frozen=True, slots=True)
class Expectation:
    """The curated direction of a gene or gene set.

    Attributes
    ----------
    direction
        None where the sources state none, or both.
    context, sources
        Drug and cancer for which it was stated; sections of reviews and DOIs.
    """

    direction: Direction | None
    context: str
    sources: tuple[str, ...]


def set_expectation(gene_sets: GeneSetCollection, name: str) -> Expectation:
    """Say what is expected of a gene set as a whole."""
    gene_set = gene_sets[name]
    return Expectation(gene_set.direction, gene_set.context or "", ())


def gene_expectations(gene_sets: GeneSetCollection) -> dict[str, Expectation]:
    """Say what is expected of every gene, by all sets that hold it."""
    members: dict[str, list[tuple[Direction | None, str | None, str]]] = {}
    for gene_set in gene_sets.values():
        for one in gene_set.members:
            members.setdefault(one.symbol, []).append((one.direction, one.context, one.source))
    return {gene: _united(listed) for gene, listed in members.items()}


def _united(listed: list[tuple[Direction | None, str | None, str]]) -> Expectation:
    stated = [one for one in listed if one[0] is not None]
    directions = {direction for direction, _, _ in stated}
    return Expectation(
        stated[0][0] if len(directions) == 1 else None,
        "; ".join(dict.fromkeys(context for _, context, _ in stated if context)),
        tuple(dict.fromkeys(source for _, _, source in stated)),
    )
