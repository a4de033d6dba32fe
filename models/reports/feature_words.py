"""Features as a biologist reads them."""

from __future__ import annotations

from models.bundle import Bundle

KINDS = {"lineage": "lineage", "covariate": "covariate"}


def feature_words(bundle: Bundle) -> tuple[str, ...]:
    """Name every feature: the gene itself, "Mitochondrial fission (set)", "Lung (lineage)"."""
    titles = {name: one.title for name, one in bundle.gene_sets.items()}
    balances = {one.name: one.title for one in bundle.gene_sets.balances}
    return tuple(_word(str(name), titles, balances) for name in bundle.features.feature_names_)


def _word(feature: str, titles: dict[str, str], balances: dict[str, str]) -> str:
    kind, _, name = feature.partition(":")
    if kind == "gene":
        return name
    if kind == "set":
        return f"{titles.get(name, name)} (set)"
    if kind == "balance":
        return f"{balances.get(name, name)} (balance)"
    return f"{name} ({KINDS.get(kind, kind)})"
