"""The same model on two platforms, asked about the same lines.

A model learned from one cohort answers for lines that it has not seen, once from their profile in
that cohort and once from their profile in another one, aligned as a user's profile would be. Lines
that it was learned from, and other lines of their patients, are never asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from features.alignment import align
from features.errors import CoverageError
from features.feature_plan import plan_features
from features.gene_sets import GeneSetCollection
from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from models.estimators import RankRidge, Target
from training.cell_line_models import CellLineModels
from training.cohort import Cohort
from training.errors import LabelError
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, shared_folds
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.platform_agreement import Agreement, mean_agreement, measure_agreement
from training.joining_cell_lines import SampleId, identify_samples
from training.metrics import BoolArray, FloatArray, group_bootstrap_weights
from training.selection import learn
from training.settings import TrainingSettings
from training.splits import Fold

Method = Literal["quantile", "rank"]
METHODS: tuple[Method, ...] = ("quantile", "rank")

FEWEST_PANEL_GENES = 20
"""Shared panel genes below which nothing is concluded: a model of fewer is not the one served."""

FEWEST_FOR_INFORMATION = 5
"""Shared panel genes below which nothing is computed either."""

FEWEST_LINES = 10


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """How platforms are compared.

    Attributes
    ----------
    training
        Labels, lineage coding, inner folds and the first seed of the outer folds.
    n_bootstrap
        Draws of patients behind every interval.
    """

    training: TrainingSettings = field(default_factory=TrainingSettings)
    n_bootstrap: int = 200
    fewest_panel_genes: int = FEWEST_PANEL_GENES


@dataclass(frozen=True, slots=True)
class PlatformRobustness:
    """Agreement of one model on two platforms.

    Attributes
    ----------
    trained_on, asked_on
        Cohorts.
    n_shared_lines, n_shared_genes
        Lines that both hold, and genes of any kind that both measure.
    shared_panel_genes
        The genes that the model may use.
    verdict
        Mean Spearman over drugs with quantile alignment, or why nothing can be concluded.
    means
        Method -> mean of every figure over drugs.
    drugs
        Method -> drug -> figures. For information only where the verdict is `not estimable`.
    skipped
        Drug -> why it has no figures.
    """

    trained_on: str
    asked_on: str
    n_shared_lines: int
    n_shared_genes: int
    shared_panel_genes: tuple[str, ...]
    verdict: Figure
    means: dict[Method, dict[str, Figure]]
    drugs: dict[Method, dict[str, Agreement]]
    skipped: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "trained_on": self.trained_on,
            "asked_on": self.asked_on,
            "n_shared_lines": self.n_shared_lines,
            "n_shared_genes": self.n_shared_genes,
            "n_shared_panel_genes": len(self.shared_panel_genes),
            "shared_panel_genes": list(self.shared_panel_genes),
            "verdict": figure_json(self.verdict),
            "means": {
                method: {name: figure_json(one) for name, one in figures.items()}
                for method, figures in self.means.items()
            },
            "drugs": {
                method: {drug: one.to_json() for drug, one in drugs.items()}
                for method, drugs in self.drugs.items()
            },
            "skipped": self.skipped,
        }


def pair_lines(
    first: Sequence[str],
    second: Sequence[str],
    models: CellLineModels,
    *,
    first_id: SampleId,
    second_id: SampleId,
) -> dict[str, str]:
    """Pair the samples of two cohorts that are the same model."""
    of_second = identify_samples(second, models, second_id).keys
    by_model = {model: sample for sample, model in of_second.items()}
    of_first = identify_samples(first, models, first_id).keys
    return {sample: by_model[model] for sample, model in of_first.items() if model in by_model}


def compare_platforms(
    trained_on: Cohort,
    asked_on: Cohort,
    pairs: Mapping[str, str],
    gene_sets: GeneSetCollection,
    drugs: Sequence[str],
    settings: PlatformSettings | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> PlatformRobustness:
    """Learn from one cohort, and ask about the same held-out lines on both platforms.

    Parameters
    ----------
    pairs
        Sample of the first cohort -> sample of the second, see `pair_lines`.
    drugs
        Drugs of the first cohort.
    progress
        Told how many folds are done, of how many.
    """
    settings = settings or PlatformSettings()
    held = frozenset(asked_on.expression.genes)
    genes = [gene for gene in trained_on.expression.genes if gene in held]
    empty = PlatformRobustness(
        trained_on=trained_on.name,
        asked_on=asked_on.name,
        n_shared_lines=len(pairs),
        n_shared_genes=len(genes),
        shared_panel_genes=_panel(gene_sets, genes),
        verdict=NotEstimable("not run"),
        means={},
        drugs={},
        skipped={},
    )
    n_panel = len(empty.shared_panel_genes)
    if n_panel < FEWEST_FOR_INFORMATION or len(pairs) < FEWEST_LINES:
        reason = f"{n_panel} shared panel genes and {len(pairs)} shared lines"
        return replace(empty, verdict=NotEstimable(reason))
    restricted = replace(
        trained_on,
        expression=replace(trained_on.expression, values=trained_on.expression.values[genes]),
    )
    data, skipped = control_data(restricted, gene_sets, drugs, settings.training)
    asked = _Asked(restricted, asked_on.expression.values[genes], dict(pairs), gene_sets)
    answers, failed = _answers(data, asked, settings, progress)
    reasons = {drug: one.reason for drug, one in skipped.items()} | failed
    return _with_figures(replace(empty, skipped=reasons), data, answers, settings)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the models of all folds are learned from and asked about."""

    cohort: Cohort
    other: pd.DataFrame
    pairs: dict[str, str]
    gene_sets: GeneSetCollection

    def positions(self) -> BoolArray:
        return np.array([sample in self.pairs for sample in self.cohort.expression.samples])


def _panel(gene_sets: GeneSetCollection, genes: Sequence[str]) -> tuple[str, ...]:
    try:
        return plan_features(gene_sets, genes, levels=("genes",), covariates=()).gene_panel
    except CoverageError:
        return ()


def _with_figures(
    empty: PlatformRobustness,
    data: ControlData,
    answers: Mapping[str, FloatArray],
    settings: PlatformSettings,
) -> PlatformRobustness:
    generator = np.random.default_rng(settings.training.evaluation.seeds[0])
    draws = group_bootstrap_weights(data.groups, settings.n_bootstrap, generator)
    drugs = {
        method: {
            drug: measure_agreement(data, at, answers["same"], answers[method], draws)
            for at, drug in enumerate(data.drugs)
            if drug not in empty.skipped
        }
        for method in METHODS
    }
    means = {method: mean_agreement(figures) for method, figures in drugs.items()}
    n_panel, needed = len(empty.shared_panel_genes), settings.fewest_panel_genes
    verdict = means["quantile"]["spearman"]
    if n_panel < needed:
        verdict = NotEstimable(f"{n_panel} shared panel genes, at least {needed} are needed")
    return replace(empty, verdict=verdict, means=means, drugs=drugs)


def _answers(
    data: ControlData,
    asked: _Asked,
    settings: PlatformSettings,
    progress: Callable[[int, int], None] | None,
) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """(n_lines, n_drugs) probabilities of held-out shared lines; NaN for all others."""
    shape = data.response.shape
    answers = {name: np.full(shape, np.nan) for name in ("same", *METHODS)}
    failed: dict[str, str] = {}
    evaluation = settings.training.evaluation
    shared = asked.positions()
    folds = shared_folds(data.groups, n_folds=evaluation.n_folds, seed=evaluation.seeds[0])
    for done, fold in enumerate(folds, start=1):
        if progress:
            progress(done, len(folds))
        test = fold.test[shared[fold.test]]
        if not len(test):
            continue
        train, tables = _fold_features(fold, test, asked, settings.training)
        for at, drug in enumerate(data.drugs):
            known = np.isfinite(data.response[fold.train, at])
            lines = fold.train[known]
            try:
                learned = learn(
                    train[known],
                    Target(data.response[lines, at], data.is_sensitive[lines, at]),
                    data.groups[lines],
                    families=(RankRidge(),),
                    n_folds=evaluation.n_inner_folds,
                    seed=evaluation.seeds[0],
                )
            except LabelError as error:
                failed[drug] = error.found
                continue
            for name, features in tables.items():
                answers[name][test, at] = learned.probability(features)
    return answers, failed


def _fold_features(
    fold: Fold, test: np.ndarray[Any, np.dtype[np.int64]], asked: _Asked, settings: TrainingSettings
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Features of the training lines, and of the test lines on each platform."""
    cohort = asked.cohort
    samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    features = GeneSetFeatures(
        asked.gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
    )
    train = features.fit(samples.iloc[fold.train]).transform(samples.iloc[fold.train])
    own = samples.iloc[test]
    other = asked.other.loc[[asked.pairs[str(sample)] for sample in own.index]]
    tables = {"same": features.transform(own)}
    for method in METHODS:
        profiles = align(other, features.reference_, method=method)
        profiles[LINEAGE_COLUMN] = own[LINEAGE_COLUMN].to_numpy(dtype=object)
        tables[method] = features.transform(profiles)
    return train, tables
