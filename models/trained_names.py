"""Genes that a reader left under a name that the bundle knows otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from features.symbols import SymbolTable


def renamed_as_trained(
    held: Sequence[str], universe: Collection[str], symbols: SymbolTable
) -> dict[str, str]:
    """Give the name in the universe of every held gene that has another; none is given twice.

    Parameters
    ----------
    held
        Names of genes, unique.
    universe
        Genes of the training cohort.
    symbols
        Names of genes as they were at training time.
    """
    known = frozenset(universe)
    strangers = [gene for gene in held if gene not in known]
    if not strangers:
        return {}
    taken = frozenset(held)
    resolved = symbols.resolve_all(strangers, "symbol", wanted=(), on_ambiguous="drop").symbols
    return {
        stranger: symbol
        for stranger, symbol in zip(strangers, resolved, strict=True)
        if symbol is not None and symbol not in taken
    }
