"""The gene sets of the bundle, with their genes and where each comes from."""

from __future__ import annotations

from typing import Any

from serving.bundles.served import ServedBundle


def gene_sets_page(served: ServedBundle) -> dict[str, Any]:
    """Values of the page of gene sets."""
    gene_sets = served.bundle.bundle.gene_sets
    panel = frozenset(served.bundle.gene_panel)
    entries = [
        {
            "set": one,
            "group": one.group.replace("_", " "),
            "n_in_panel": len(panel.intersection(one.genes)),
            "missing": [gene for gene in one.genes if gene not in panel],
        }
        for one in gene_sets.values()
    ]
    return {
        "entries": entries,
        "panel": panel,
        "balances": gene_sets.balances,
        "titles": {one.name: one.title for one in gene_sets.values()},
        "groups": list(dict.fromkeys(entry["group"] for entry in entries)),
    }
