"""A bundle in words and figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from models.bundle import Bundle


def describe_bundle(bundle: Bundle) -> dict[str, Any]:
    """Where a bundle came from and what it answers, as JSON."""
    features = bundle.features
    return {
        "version": bundle.version,
        "sha256": bundle.sha256,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "n_drugs": len(bundle.drugs),
        "n_panel_genes": len(features.gene_panel_),
        "n_gene_sets": len(features.plan_.set_genes),
        "empty_gene_sets": list(features.empty_sets_),
        "lineages": list(features.lineages_),
        "minimum_gene_coverage": bundle.minimum_gene_coverage,
        "provenance": bundle.provenance,
        "drugs": {
            name: {
                "status": model.status,
                "estimator": model.estimator,
                "label_card": model.label_card,
                "evidence_card": model.evidence_card,
            }
            for name, model in bundle.drugs.items()
        },
    }


def drug_rows(bundle: Bundle) -> pd.DataFrame:
    """One row a drug: drug, status, estimator, n_lines, roc_auc with interval, lineage alone."""
    rows = []
    for name, model in bundle.drugs.items():
        card = model.evidence_card
        rows.append(
            {
                "drug": name,
                "status": model.status,
                "estimator": model.estimator,
                "n_lines": card.get("n_lines"),
                "roc_auc": _interval(card.get("roc_auc")),
                "lineage alone": _interval((card.get("lineage") or {}).get("roc_auc")),
            }
        )
    return pd.DataFrame(rows)


def _interval(figure: dict[str, float] | str | None) -> str:
    if figure is None:
        return "not measured"
    if isinstance(figure, str):
        return figure
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
