"""A check on profiles that no cohort holds: cisplatin in the A2780 sublines of GSE15709.

Five arrays of cisplatin-sensitive cells and five of a resistant subline of the same patient. Ten
arrays of two cultures are two independent observations, so there is no interval to be had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.expression import Expression
from models.bundle import Bundle
from models.prediction import Predictions, predict
from training.cell_line_models import CellLineModels, normalise_line_name
from training.cohort import Cohort
from training.errors import TrainingError
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.metrics import roc_auc
from training.quickstart import EXAMPLE_DRUG, EXAMPLE_GROUPS, EXAMPLE_LINEAGE, EXAMPLE_SERIES

LINE = "A2780"

NOTE = (
    "One pair of sublines of one patient: arrays of one culture are no independent observations, "
    "so an interval cannot be had, and chance alone puts two cultures in the right order half of "
    "the time. An illustration, not a test."
)


@dataclass(frozen=True, slots=True)
class ExternalCheck:
    """Answers of a bundle for profiles of two groups.

    Attributes
    ----------
    roc_auc
        Share of pairs of a sensitive and a resistant profile that are ranked rightly; without an
        interval, see `note`.
    interval
        Why there is none.
    mean_probability, n_profiles
        By group: mean probability_sensitive, and how many profiles.
    shared_lines, unseen_lines
        Lines of the profiles that the training cohort holds, or does not hold, by name.
    alignment, gene_coverage
        How the profiles were brought to the training cohort's scale, and the share of the gene
        panel that they hold.
    """

    series: str
    drug: str
    cohort: str
    roc_auc: Figure
    interval: NotEstimable
    mean_probability: dict[str, float]
    n_profiles: dict[str, int]
    shared_lines: tuple[str, ...]
    unseen_lines: tuple[str, ...]
    alignment: str
    gene_coverage: float
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "series": self.series,
            "drug": self.drug,
            "cohort": self.cohort,
            "roc_auc": figure_json(self.roc_auc),
            "interval": str(self.interval),
            "mean_probability": self.mean_probability,
            "n_profiles": self.n_profiles,
            "n_shared_lines": len(self.shared_lines),
            "n_unseen_lines": len(self.unseen_lines),
            "shared_lines": list(self.shared_lines),
            "unseen_lines": list(self.unseen_lines),
            "alignment": self.alignment,
            "gene_coverage": self.gene_coverage,
            "notes": list(self.notes),
        }


def check_cisplatin(
    bundle: Bundle, expression: Expression, training_lines: Sequence[str]
) -> ExternalCheck:
    """Ask a bundle about the A2780 sublines.

    Parameters
    ----------
    expression
        Profiles of GSE15709.
    training_lines
        Names of the lines that the bundle was trained on, see `line_names`.

    Raises
    ------
    TrainingError
        Profiles of the series are missing.
    PredictionError, CoverageError
        The bundle lacks the drug, or the profiles lack too many genes of its panel.
    """
    _refuse_missing(expression)
    answers = predict(bundle, expression, drugs=[EXAMPLE_DRUG], lineage=EXAMPLE_LINEAGE)
    known = normalise_line_name(LINE) in {normalise_line_name(name) for name in training_lines}
    groups = _probabilities(answers, EXAMPLE_GROUPS)
    return ExternalCheck(
        series=EXAMPLE_SERIES.removeprefix("geo:"),
        drug=EXAMPLE_DRUG,
        cohort=bundle.cohort,
        roc_auc=_roc_auc(groups),
        interval=NotEstimable("one pair of sublines"),
        mean_probability={name: float(values.mean()) for name, values in groups.items()},
        n_profiles={name: len(values) for name, values in groups.items()},
        shared_lines=(LINE,) if known else (),
        unseen_lines=() if known else (LINE,),
        alignment=answers.alignment,
        gene_coverage=answers.coverage.fraction,
        notes=(NOTE, *answers.notes),
    )


def line_names(cohort: Cohort, models: CellLineModels | None) -> tuple[str, ...]:
    """Names of a cohort's lines in normal form, whatever ids its samples have.

    ModelIDs and COSMIC ids are looked up in Model.csv; of a CCLE name the part before the tissue is
    the name.
    """
    names: dict[str, str] = {}
    if models is not None:
        by_model = models.table["line_name"].dropna().to_dict()
        for column in ("cosmic_id", "ccle_name"):
            lookup = models.lookup(column)
            names |= {key: by_model[model] for key, model in lookup.items() if model in by_model}
        names |= {str(model): str(name) for model, name in by_model.items()}
    samples = [sample.removeprefix("DATA.") for sample in cohort.expression.samples]
    return tuple(
        names.get(sample) or normalise_line_name(sample.split("_")[0]) for sample in samples
    )


def _refuse_missing(expression: Expression) -> None:
    wanted = [sample for samples in EXAMPLE_GROUPS.values() for sample in samples]
    held = frozenset(expression.samples)
    missing = [sample for sample in wanted if sample not in held]
    if missing:
        raise TrainingError(
            f"{expression.source} lacks {len(missing)} of {len(wanted)} profiles: "
            f"{', '.join(missing)}.",
            needed=f"the profiles of {EXAMPLE_SERIES}.",
            remedy="fetch the series again.",
        )


def _probabilities(
    answers: Predictions, groups: Mapping[str, Sequence[str]]
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    table = answers.table[answers.table["drug"] == EXAMPLE_DRUG]
    probability = table.set_index("sample_id")["probability_sensitive"]
    return {
        name: probability.loc[list(samples)].to_numpy(dtype=np.float64)
        for name, samples in groups.items()
    }


def _roc_auc(groups: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]]) -> float:
    sensitive, resistant = groups.values()
    label = np.arange(len(sensitive) + len(resistant)) < len(sensitive)
    return roc_auc(label, np.concatenate([sensitive, resistant]))
