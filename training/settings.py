"""What a training is asked to do, and who is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from training.cohort import Cohort
from training.drug_training import SkippedDrug, TrainedDrug
from training.drugs import match_drugs
from training.errors import TrainingError
from training.evaluation import EvaluationSettings
from training.evidence.controls import ControlSettings
from training.labels import LabelMethod
from training.response import Response

MINIMUM_LINES = 100
MINIMUM_PATIENTS = 40


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What a training is asked to do; every field is recorded in its run.

    Attributes
    ----------
    drugs
        Names, or "all": every drug that was measured in at least `minimum_samples`.
    evaluation
        Folds, seeds, estimator families.
    label_method, threshold
        How classes are made, see `training.labels`.
    minimum_samples
        For "all"; None means 100 cell lines, or 40 patients. A drug that is named needs only ten
        samples of each class.
    minimum_gene_coverage
        Share of the gene panel below which the bundle refuses a profile.
    lineage_weight
        Weight of the lineage columns beside z values. Mean roc_auc over 60 drugs of ccle-gdsc2 and
        of depmap-gdsc2 hardly changes from 4 to 10 and is lower at 1 and 3.
    controls
        Random gene sets and the other controls; None leaves them out, and then no drug can be
        `supported`.
    n_jobs
        Processes, one thread each.
    """

    drugs: Sequence[str] | Literal["all"] = "all"
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    label_method: LabelMethod = "tertile"
    threshold: float | None = None
    minimum_samples: int | None = None
    minimum_gene_coverage: float = 0.8
    lineage_minimum: int = 5
    lineage_weight: float = 6.0
    controls: ControlSettings | None = None
    n_jobs: int = 2

    def to_parameters(self) -> dict[str, str]:
        """Every setting that shapes the result, as text for tracking."""
        evaluation = self.evaluation
        return {
            "label_method": self.label_method,
            "threshold": str(self.threshold),
            "n_folds": str(evaluation.n_folds),
            "n_inner_folds": str(evaluation.n_inner_folds),
            "seeds": ",".join(map(str, evaluation.seeds)),
            "n_bootstrap": str(evaluation.n_bootstrap),
            "families": ",".join(family.name for family in evaluation.families),
            "shared": str(evaluation.shared and evaluation.shared.to_json()),
            "minimum_gene_coverage": str(self.minimum_gene_coverage),
            "lineage_minimum": str(self.lineage_minimum),
            "lineage_weight": str(self.lineage_weight),
            "n_random_sets": str(self.controls.n_random_sets if self.controls else 0),
        }


class TrainingObserver(Protocol):
    """Told about a training while it runs: progress bars, tracking."""

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Take note of the drugs; nothing is trained yet."""
        ...

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Take note of one drug; drugs finish in any order."""
        ...

    def finished_controls(self, done: int, total: int) -> None:
        """Take note of how many parts of the controls are done."""
        ...


def choose_training_drugs(response: Response, settings: TrainingSettings) -> list[str]:
    """Names of the drugs to train, as they were named, or in the order of the response table.

    Raises
    ------
    TrainingError
        No drug is named, a named one is not in the cohort, or no drug has enough samples.
    """
    available = [str(drug) for drug in response.values.columns]
    if settings.drugs != "all":
        return match_drugs(_some(settings.drugs), available)
    minimum = settings.minimum_samples
    if minimum is None:
        minimum = MINIMUM_PATIENTS if response.kind == "clinical_response" else MINIMUM_LINES
    drugs = response.drugs_with(minimum)
    if not drugs:
        largest = int(response.values.notna().sum().max()) if available else 0
        raise TrainingError(
            f"No drug was measured in {minimum} samples; at most {largest}.",
            needed="at least one drug with that many samples.",
            remedy="name the drugs to train, or lower the minimum number of samples.",
        )
    return drugs


def _some(drugs: Sequence[str]) -> Sequence[str]:
    if not drugs:
        raise TrainingError(
            "No drug was named.",
            needed="at least one name, or `all`.",
            remedy="name drugs that the cohort holds.",
        )
    return drugs
