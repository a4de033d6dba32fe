"""The page of a cohort's evidence in Markdown: statuses, controls, and the best gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.cards.figures import figure_at
from training.evidence.report import EvidenceReport
from training.evidence.report_goals import goal_lines

N_BEST = 10
CONTROL_NAMES = {
    "panel": "gene sets and lineage",
    "panel_alone": "gene sets without lineage",
    "lineage": "lineage alone",
    "proliferation": "proliferation score",
    "covariates": "lineage and proliferation",
    "all_genes": "all genes and lineage",
    "shuffled_labels": "gene sets and lineage, shuffled labels",
}


def evidence_markdown(reports: Sequence[EvidenceReport]) -> str:
    """Page of counts of statuses, means of controls, and the best gains of each cohort."""
    lines = [
        "# Evidence",
        "",
        "What each prediction is worth, by cohort. Made by `cupromark evidence page`; figures are "
        "roc_auc on unseen lines, in folds grouped by patient. What was tried to reach more, and "
        "what came of it: [Beyond the cards](evidence-notes.md).",
    ]
    for report in reports:
        lines += ["", *_cohort_section(report)]
    return "\n".join(lines) + "\n"


def _cohort_section(report: EvidenceReport) -> list[str]:
    about, counts = report.about, report.status_counts
    n_sets = about["settings"]["n_random_sets"]
    return [
        f"## {about['cohort']}",
        "",
        f"{about['n_samples']} samples, {about['n_genes']:,} genes, {len(report.cards)} drugs, "
        f"{int(n_sets):,} random gene sets; code {about['code_version']}.",
        "",
        "| status | drugs |",
        "|---|---|",
        *(f"| {status} | {number} |" for status, number in counts.items()),
        "",
        "Mean roc_auc over the drugs, every row through the same estimator on the same folds:",
        "",
        "| features | mean roc_auc |",
        "|---|---|",
        *_mean_rows(report),
        "",
        *_verdict(report),
        "",
        *goal_lines(report),
        "",
        f"The {N_BEST} largest gains over lineage (nested evaluation of what is served):",
        "",
        "| drug | roc_auc | gain over lineage | random sets, mean | p | q | status |",
        "|---|---|---|---|---|---|---|",
        *(_drug_row(card) for card in _best(report)),
    ]


def _mean_rows(report: EvidenceReport) -> list[str]:
    rows = []
    for control, name in CONTROL_NAMES.items():
        mean = report.mean_of(control)
        rows.append(f"| {name} | {'not estimable' if mean is None else f'{mean:.3f}'} |")
    random = _random_means(report)
    rows.insert(1, f"| random gene sets and lineage | {np.mean(random):.3f} |" if random else "")
    return [row for row in rows if row]


def _verdict(report: EvidenceReport) -> list[str]:
    tested = [card for card in report.cards.values() if isinstance(card.get("q"), float)]
    if not tested:
        return ["No drug was held against random gene sets."]
    small_p = sum(card["p"] < 0.05 for card in tested)
    small_q = sum(card["q"] < 0.05 for card in tested)
    return [
        f"Of {len(tested)} drugs, {small_p} have p < 0.05 against random gene sets (chance alone "
        f"would give about {0.05 * len(tested):.0f}), and {small_q} have q < 0.05."
    ]


def _best(report: EvidenceReport) -> Sequence[Mapping[str, Any]]:
    known = [card for card in report.cards.values() if isinstance(card["lineage"]["gain"], dict)]
    return sorted(known, key=lambda card: card["lineage"]["gain"]["value"], reverse=True)[:N_BEST]


def _drug_row(card: Mapping[str, Any]) -> str:
    random = figure_at(card, "random", "mean").value
    cells = [
        str(card["drug"]),
        _interval(card["roc_auc"]),
        _interval(card["lineage"]["gain"], sign="+"),
        "not run" if random is None else f"{random:.3f}",
        *(f"{card[x]:.3f}" if isinstance(card.get(x), float) else "not run" for x in ("p", "q")),
        str(card["status"]),
    ]
    return f"| {' | '.join(cells)} |"


def _random_means(report: EvidenceReport) -> list[float]:
    means = (figure_at(card, "random", "mean").value for card in report.cards.values())
    return [mean for mean in means if mean is not None]


def _interval(figure: Mapping[str, float], *, sign: str = "") -> str:
    low, high = (f"{figure[bound]:{sign}.2f}" for bound in ("low", "high"))
    return f"{figure['value']:{sign}.3f} [{low}, {high}]"
