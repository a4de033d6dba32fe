"""The evidence of a cohort: every drug's card, counts of statuses, and the page that shows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from models.cards.card import whole_card
from models.cards.figures import figure_at
from models.drug_model import STATUSES
from training.code_version import code_version
from training.cohort import Cohort
from training.evidence.random_means import means_over_drugs
from training.run import TrainingResult
from training.settings import TrainingSettings


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
        values = (figure_at(card, "controls", control).value for card in self.cards.values())
        figures = [value for value in values if value is not None]
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
            drug: whole_card(
                one.model.evidence_card,
                drug=drug,
                cohort=cohort.name,
                simulated=cohort.simulated,
                status=one.model.status,
                label_card=one.model.label_card,
            )
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
            "random_panels": means_over_drugs(result.controls),
            **(result.cohort_wide.about_cohort() if result.cohort_wide else {}),
        },
    )
