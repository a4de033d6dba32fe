"""A training: a cohort in, a bundle out, every drug evaluated on lines it has not seen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol

import joblib
import numpy as np
import pandas as pd

from features.gene_sets import GeneSetCollection
from features.lineage import LINEAGE_COLUMN
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.golden import with_golden
from training.cohort import Cohort
from training.drug_training import SkippedDrug, TrainedDrug, train_drug
from training.drugs import match_drugs
from training.errors import LabelError, TrainingError
from training.evaluation import DrugTask, EvaluationSettings
from training.labels import LabelMethod, label_response
from training.metrics import FloatArray
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
            "minimum_gene_coverage": str(self.minimum_gene_coverage),
            "lineage_minimum": str(self.lineage_minimum),
            "lineage_weight": str(self.lineage_weight),
        }


class TrainingObserver(Protocol):
    """Told about a training while it runs: progress bars, tracking."""

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Take note of the drugs; nothing is trained yet."""
        ...

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Take note of one drug; drugs finish in any order."""
        ...


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a training leaves.

    Attributes
    ----------
    bundle
        With golden answers; None when no drug could be trained.
    trained, skipped
        By name of the drug.
    boosters
        UBJ by drug, for the drugs whose classifier is made of trees.
    interrupted
        True when it was stopped; it then holds the drugs that were finished.
    """

    bundle: Bundle | None
    trained: dict[str, TrainedDrug]
    skipped: dict[str, SkippedDrug]
    boosters: dict[str, bytes]
    interrupted: bool

    @property
    def mean_roc_auc(self) -> float:
        """Mean over drugs of the roc_auc on unseen lines."""
        return float(np.mean([one.evaluation.roc_auc.value for one in self.trained.values()]))

    @property
    def mean_lineage_roc_auc(self) -> float:
        """The same for lineage alone, on the same folds."""
        figures = [one.evaluation.lineage_roc_auc.value for one in self.trained.values()]
        return float(np.mean(figures))


def train(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    observers: Sequence[TrainingObserver] = (),
) -> TrainingResult:
    """Train and evaluate a classifier for every drug asked for.

    An interrupt (Ctrl-C) ends it cleanly: what is finished is in the result.

    Raises
    ------
    TrainingError
        The cohort has no response, or an unknown drug is named.
    """
    response = _response_of(cohort)
    drugs = choose_training_drugs(response, settings)
    make_features = partial(_new_features, cohort, gene_sets, settings)
    features = make_features(with_quantiles=True)
    samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    matrix = features.fit(samples).transform(samples)
    for observer in observers:
        observer.started(cohort, settings, drugs)
    work = _Work(cohort, response, settings, _fold_table(samples, features), matrix, make_features)
    trained, skipped, interrupted = _collect(work, drugs, observers)
    return TrainingResult(
        bundle=_bundle(cohort, gene_sets, settings, features, trained) if trained else None,
        trained=trained,
        skipped=skipped,
        boosters={d: one.booster for d, one in trained.items() if one.booster is not None},
        interrupted=interrupted,
    )


def choose_training_drugs(response: Response, settings: TrainingSettings) -> list[str]:
    """Names of the drugs to train, in the order of the response table.

    Raises
    ------
    TrainingError
        A named drug is not in the cohort, or no drug has enough samples.
    """
    available = [str(drug) for drug in response.values.columns]
    if settings.drugs != "all":
        return match_drugs(settings.drugs, available)
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


@dataclass(frozen=True, slots=True)
class _Work:
    """What the training of every drug is cut from."""

    cohort: Cohort
    response: Response
    settings: TrainingSettings
    samples: pd.DataFrame
    matrix: FloatArray
    make_features: Callable[..., GeneSetFeatures]

    def jobs(self, drugs: Sequence[str]) -> Iterator[Any]:
        for drug in drugs:
            yield joblib.delayed(_train_one)(
                *self._task_of(drug),
                partial(self.make_features, with_quantiles=False),
                self.settings.evaluation,
            )

    def _task_of(self, drug: str) -> tuple[DrugTask | SkippedDrug, FloatArray]:
        measured = self.response.values[drug].notna().to_numpy()
        values = self.response.values.loc[measured, drug].to_numpy(dtype=np.float64)
        columns = ["minimum_ln_um", "maximum_ln_um"]
        tested = self.response.tested_range.loc[[drug], columns].to_numpy(dtype=np.float64)[0]
        try:
            is_sensitive, card = label_response(
                values,
                drug=drug,
                kind=self.response.kind,
                method=self.settings.label_method,
                threshold=self.settings.threshold,
                tested_range=(float(tested[0]), float(tested[1])),
            )
        except LabelError as error:
            return SkippedDrug(drug, str(error)), self.matrix[:0]
        task = DrugTask(
            drug=drug,
            samples=self.samples.loc[measured],
            response=values,
            is_sensitive=is_sensitive,
            groups=self.cohort.split_group[measured].to_numpy(dtype=np.str_),
            label_card=card,
        )
        return task, self.matrix[measured]


def _train_one(
    task: DrugTask | SkippedDrug,
    features: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
) -> TrainedDrug | SkippedDrug:
    if isinstance(task, SkippedDrug):
        return task
    return train_drug(task, features, make_features, settings)


def _collect(
    work: _Work, drugs: Sequence[str], observers: Sequence[TrainingObserver]
) -> tuple[dict[str, TrainedDrug], dict[str, SkippedDrug], bool]:
    done: dict[str, TrainedDrug | SkippedDrug] = {}
    interrupted = False
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=work.settings.n_jobs,
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="2*n_jobs",
        )
        try:
            for result in parallel(work.jobs(drugs)):
                name = result.model.drug if isinstance(result, TrainedDrug) else result.drug
                done[name] = result
                for observer in observers:
                    observer.finished_drug(result)
        except KeyboardInterrupt:
            interrupted = True
    ordered = [done[drug] for drug in drugs if drug in done]
    trained = {one.model.drug: one for one in ordered if isinstance(one, TrainedDrug)}
    skipped = {one.drug: one for one in ordered if isinstance(one, SkippedDrug)}
    return trained, skipped, interrupted


def _bundle(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    features: GeneSetFeatures,
    trained: dict[str, TrainedDrug],
) -> Bundle:
    bundle = Bundle(
        features=features,
        gene_sets=gene_sets,
        symbols=_frozen_symbols(cohort),
        drugs={drug: one.model for drug, one in trained.items()},
        provenance=_provenance(cohort, settings),
        minimum_gene_coverage=settings.minimum_gene_coverage,
    )
    return with_golden(bundle)


def _frozen_symbols(cohort: Cohort) -> SymbolTable:
    return SymbolTable.from_records(cohort.symbols.records_of(cohort.expression.genes))


def _provenance(cohort: Cohort, settings: TrainingSettings) -> dict[str, Any]:
    return {
        "cohort": cohort.name,
        "simulated": cohort.simulated,
        "n_samples": len(cohort.expression.samples),
        "response_kind": _response_of(cohort).kind,
        "sources": [
            {"name": one.name, "sha256": one.sha256, "bytes": one.n_bytes, "complete": one.complete}
            for one in cohort.sources
        ],
        "settings": settings.to_parameters(),
        "code_version": code_version(),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def code_version() -> str:
    """Version of the package, with the git commit where the code is a checkout."""
    release = version("cupromark")
    checkout = Path(__file__).resolve().parent.parent
    if not (checkout / ".git").exists():
        return release
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return release
    return f"{release}+{described.stdout.strip()}" if described.returncode == 0 else release


def _response_of(cohort: Cohort) -> Response:
    if cohort.response is None:
        raise TrainingError(
            f"The cohort {cohort.name} holds no response.",
            needed="a cohort with drug response.",
            remedy="train on one of `cupromark data list`, or give a table of your own.",
        )
    return cohort.response


def _new_features(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    with_quantiles: bool,
) -> GeneSetFeatures:
    return GeneSetFeatures(
        gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        with_quantiles=with_quantiles,
    )


def _fold_table(samples: pd.DataFrame, features: GeneSetFeatures) -> pd.DataFrame:
    """Only the columns that features are made of, so that little travels to the processes."""
    return samples[[*features.required_genes_, LINEAGE_COLUMN]]
