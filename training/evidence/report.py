"""The evidence of a cohort: every drug's card, counts of statuses, and the page that shows them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from models.drug_model import STATUSES
from training.cohort import Cohort
from training.errors import TrainingError
from training.provenance import code_version
from training.run import TrainingResult
from training.settings import TrainingSettings

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


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """Evidence of every drug of a cohort.

    Attributes
    ----------
    cards
        Drug -> evidence card with its status (JSON).
    skipped
        Drug -> why it has no card.
    about
        Cohort, data, settings, code and time (JSON).
    """

    cards: dict[str, dict[str, Any]]
    skipped: dict[str, str]
    about: dict[str, Any]

    @property
    def status_counts(self) -> dict[str, int]:
        """How many drugs have each status."""
        counts = Counter(card["status"] for card in self.cards.values())
        return {status: counts[status] for status in STATUSES}

    def mean_of(self, control: str) -> float | None:
        """Mean over drugs of a control's roc_auc; None where it has no figure."""
        values = [card.get("controls", {}).get(control) for card in self.cards.values()]
        figures = [value for value in values if isinstance(value, float)]
        return float(np.mean(figures)) if figures else None

    def to_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        summary = {"status_counts": self.status_counts}
        return {"about": self.about, "summary": summary, "cards": self.cards} | {
            "skipped": self.skipped
        }


def report_of(cohort: Cohort, settings: TrainingSettings, result: TrainingResult) -> EvidenceReport:
    """Gather the evidence of a training."""
    return EvidenceReport(
        cards={
            drug: {
                "drug": drug,
                "cohort": cohort.name,
                "simulated": cohort.simulated,
                "status": one.model.status,
                **one.model.evidence_card,
                "label_card": one.model.label_card,
            }
            for drug, one in result.trained.items()
        },
        skipped={drug: one.reason for drug, one in result.skipped.items()},
        about={
            "cohort": cohort.name,
            "simulated": cohort.simulated,
            "n_samples": len(cohort.expression.samples),
            "n_genes": len(cohort.expression.genes),
            "settings": settings.to_parameters(),
            "code_version": code_version(),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            **(result.cohort_wide.about_cohort() if result.cohort_wide else {}),
        },
    )


def write_report(report: EvidenceReport, path: Path) -> None:
    """Write a report as JSON.

    Raises
    ------
    TrainingError
        The folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(report.to_json(), indent=1, allow_nan=False))
        partial.replace(path)
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that can be written, with enough space.",
            remedy="mend that, or name another place.",
        ) from error


def read_report(path: Path) -> EvidenceReport:
    """Read a report that `write_report` wrote.

    Raises
    ------
    TrainingError
        There is none, or it is not one.
    """
    try:
        content = json.loads(path.read_text())
        return EvidenceReport(content["cards"], content["skipped"], content["about"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"There is no evidence to be read at {path}.",
            needed="a report that `cupromark evidence run` wrote.",
            remedy="run `cupromark evidence run` for this cohort first.",
        ) from error


def evidence_markdown(reports: Sequence[EvidenceReport]) -> str:
    """Page of counts of statuses, means of controls, and the best gains of each cohort."""
    lines = [
        "# Evidence",
        "",
        "What each prediction is worth, by cohort. Made by `cupromark evidence page`; figures are "
        "roc_auc on unseen lines, in folds grouped by patient.",
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
    random = card.get("random", {}).get("mean")
    cells = [
        str(card["drug"]),
        _interval(card["roc_auc"]),
        _interval(card["lineage"]["gain"], sign="+"),
        f"{random:.3f}" if isinstance(random, float) else "not run",
        *(f"{card[x]:.3f}" if isinstance(card.get(x), float) else "not run" for x in ("p", "q")),
        str(card["status"]),
    ]
    return f"| {' | '.join(cells)} |"


def _random_means(report: EvidenceReport) -> list[float]:
    means = [card.get("random", {}).get("mean") for card in report.cards.values()]
    return [mean for mean in means if isinstance(mean, float)]


def _interval(figure: Mapping[str, float], *, sign: str = "") -> str:
    low, high = (f"{figure[bound]:{sign}.2f}" for bound in ("low", "high"))
    return f"{figure['value']:{sign}.3f} [{low}, {high}]"
