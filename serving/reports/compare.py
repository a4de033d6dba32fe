"""Two bundles side by side: what each is, and how every drug stands in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from models.cards.figures import Reading, figure_at
from models.drug_model import STATUSES, DrugModel
from serving.bundles.served import ServedBundle

LABEL_FIELDS = ("method", "response_kind", "cut_off", "cut_off_um", "n_sensitive", "n_resistant")
PROVENANCE = ("created_at", "code_version", "response_kind", "n_samples")


def compare_bundles(a: ServedBundle, b: ServedBundle) -> dict[str, Any]:
    """Compare all drugs of two bundles, by what their cards say; nothing is worked out anew."""
    models_a, models_b = a.bundle.bundle.drugs, b.bundle.bundle.drugs
    common = sorted(models_a.keys() & models_b.keys(), key=str.casefold)
    rows = [_row(models_a[drug], models_b[drug]) for drug in common]
    changes = Counter((row["a"]["status"], row["b"]["status"]) for row in rows)
    return {
        "a": side(a),
        "b": side(b),
        "is_same": a.sha256 == b.sha256,
        "notes": notes_on(a, b),
        "drugs": rows,
        "statuses": [
            {"a": before, "b": after, "n_drugs": changes[before, after]}
            for before in STATUSES
            for after in STATUSES
            if changes[before, after]
        ],
        "only_in_a": sorted(models_a.keys() - models_b.keys(), key=str.casefold),
        "only_in_b": sorted(models_b.keys() - models_a.keys(), key=str.casefold),
    }


def side(served: ServedBundle) -> dict[str, Any]:
    """Say what a bundle is."""
    bundle = served.bundle
    return {
        "name": bundle.name,
        "version": served.version,
        "sha256": served.sha256,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "expression_scale": bundle.expression_scale,
        "n_drugs": len(bundle.drugs),
        "n_genes": len(bundle.gene_panel),
        **{name: bundle.provenance.get(name) for name in PROVENANCE},
    }


def notes_on(a: ServedBundle, b: ServedBundle) -> list[str]:
    """Say in sentences what keeps two bundles from being compared figure by figure."""
    first, second = a.bundle, b.bundle
    notes = []
    if a.sha256 == b.sha256:
        notes.append("Both are the same bundle: nothing differs.")
    if first.cohort != second.cohort:
        notes.append(
            f"They learned from different cohorts ({first.cohort} and {second.cohort}): figures "
            "are of different lines and labels, and do not say which classifier is better."
        )
    if first.expression_scale != second.expression_scale:
        notes.append(
            f"Expression is on different scales ({first.expression_scale} and "
            f"{second.expression_scale}); weights are compared by standard deviation of a gene."
        )
    panels = set(first.gene_panel), set(second.gene_panel)
    if panels[0] != panels[1]:
        notes.append(
            f"The gene panels differ: {len(panels[0] & panels[1])} genes are in both, "
            f"{len(panels[0] - panels[1])} in the first alone, {len(panels[1] - panels[0])} in "
            "the second alone."
        )
    return notes


def labels_of(a: DrugModel, b: DrugModel) -> list[dict[str, Any]]:
    """Compare how labels were made, field by field."""
    before, after = a.label_card, b.label_card
    return [
        {
            "field": name,
            "a": before.get(name),
            "b": after.get(name),
            "changed": before.get(name) != after.get(name),
        }
        for name in LABEL_FIELDS
        if name in before or name in after
    ]


def figures_of(a: Reading, b: Reading) -> dict[str, Any]:
    """Set two readings side by side, with the second minus the first."""
    known = a.value is not None and b.value is not None
    return {
        "a": _reading(a),
        "b": _reading(b),
        "difference": (b.value or 0.0) - (a.value or 0.0) if known else None,
    }


def _row(a: DrugModel, b: DrugModel) -> dict[str, Any]:
    return {
        "drug": a.drug,
        "a": _drug(a),
        "b": _drug(b),
        "status_rises": STATUSES.index(a.status) - STATUSES.index(b.status),
        "roc_auc": figures_of(_roc_auc(a), _roc_auc(b)),
        "calibration_error": figures_of(_error(a), _error(b)),
        "label_changed": any(one["changed"] for one in labels_of(a, b)),
    }


def _drug(model: DrugModel) -> dict[str, Any]:
    card: Mapping[str, Any] = model.evidence_card
    return {
        "status": model.status,
        "estimator": model.estimator,
        "n_lines": card.get("n_lines"),
        "n_sensitive": card.get("n_sensitive"),
    }


def _roc_auc(model: DrugModel) -> Reading:
    return figure_at(model.evidence_card, "roc_auc")


def _error(model: DrugModel) -> Reading:
    return figure_at(model.evidence_card, "expected_calibration_error")


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "low": reading.low,
        "high": reading.high,
        "reason": reading.reason or None,
    }
