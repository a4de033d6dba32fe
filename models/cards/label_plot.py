"""How the labels of a drug were made."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any

from models.cards.counts import counts_bar
from models.cards.figures import figure_at
from models.cards.fragment import Fragment, percent_text
from models.cards.tables import table

UNITS = {
    "ln_ic50": "ln µM",
    "dose_response_auc": "area under the dose-response curve, 0 to 1",
    "clinical_response": "clinical response",
}


def labels_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw how many lines each label has, with the cut-off between them."""
    label = card.get("label_card")
    if not label or not {"n_sensitive", "n_resistant", "cut_off"} <= set(label):
        return None
    parts = [
        ("sensitive", int(label["n_sensitive"]), "sensitive"),
        ("resistant", int(label["n_resistant"]), "resistant"),
    ]
    n_cohort = figure_at(card, "n_cohort_lines").value
    if n_cohort is not None:
        unmeasured = int(n_cohort) - sum(count for _, count, _ in parts)
        parts.append(("not measured with this drug", unmeasured, "unmeasured"))
    facts = _facts(card, label)
    return Fragment(
        "Labels",
        counts_bar(
            parts,
            label=f"{card['drug']}: lines by label.",
            below=[facts[0][1], *_range_line(label)],
        ),
        table("Label card", ("what", "value"), facts),
        "Low response is sensitive. What lies on either side of the cut-off is treated as two "
        "classes, though the response is a continuum.",
    )


def _facts(card: Mapping[str, Any], label: Mapping[str, Any]) -> list[tuple[str, str]]:
    outside = label.get("outside_tested_range")
    beyond = label.get("share_beyond_tested_range")
    return [
        ("cut-off", _cut_off(label)),
        ("method", str(label.get("method"))),
        ("lines", str(card.get("n_lines"))),
        ("patients", str(card.get("n_groups"))),
        ("share of the cohort measured", percent_text(figure_at(card, "measured_fraction"))),
        (
            "cut-off outside the tested range",
            "not known" if outside is None else "yes" if outside else "no",
        ),
        ("lines beyond the tested range", "not known" if beyond is None else f"{beyond:.0%}"),
    ]


def _cut_off(label: Mapping[str, Any]) -> str:
    kind = str(label.get("response_kind"))
    text = f"sensitive up to {label['cut_off']:.3g} ({UNITS.get(kind, kind)})"
    micromolar = label.get("cut_off_um")
    return text if micromolar is None else f"{text}, IC50 {micromolar:.3g} µM"


def _range_line(label: Mapping[str, Any]) -> list[str]:
    low, high = label.get("minimum_tested_ln_um"), label.get("maximum_tested_ln_um")
    if low is None or high is None:
        return []
    outside = ": the cut-off lies outside" if label.get("outside_tested_range") else ""
    return [f"tested from {exp(low):.2g} to {exp(high):.2g} µM{outside}"]
