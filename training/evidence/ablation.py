"""What each gene set adds: the panel without it, and lineage with it alone.

Every variant goes through rank ridge for all drugs at once, on the same folds. That a set adds
nothing to the rest of the panel does not say that it means nothing: other sets may stand for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.feature_plan import FeaturePlan
from training.evidence.controls import ControlData, ControlSettings, shared_folds
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.paired_gains import (
    DrawnRocAuc,
    HeldOutScores,
    draw_roc_auc,
    gains,
    intervals_of,
    mean_gain,
)
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.reduced_plans import only_set, without_set
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import FloatArray

NO_GENE = NotEstimable("the cohort holds no gene of this set")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class AblationSettings:
    """How ablation is run.

    Attributes
    ----------
    controls
        Folds, seeds and lineage coding, as for the controls.
    n_bootstrap
        Draws of patients behind every interval.
    """

    controls: ControlSettings = field(default_factory=ControlSettings)
    n_bootstrap: int = 300


@dataclass(frozen=True, slots=True)
class SetContribution:
    """What one gene set adds, drug by drug.

    Attributes
    ----------
    genes, own_genes
        Its genes in the cohort, and those of them that no other set brings.
    added_to_panel
        (n_drugs) roc_auc of panel + lineage minus that without the set: without the genes that
        only this set brings, its score, and balances that use it.
    added_to_lineage
        (n_drugs) roc_auc of this set + lineage minus that of lineage alone; not estimable in a
        cohort without two lineages of enough lines.
    mean_added_to_panel, mean_added_to_lineage
        Means over drugs.
    """

    gene_set: str
    genes: tuple[str, ...]
    own_genes: tuple[str, ...]
    added_to_panel: tuple[Figure, ...]
    added_to_lineage: tuple[Figure, ...]
    mean_added_to_panel: Figure
    mean_added_to_lineage: Figure


@dataclass(frozen=True, slots=True)
class SetAblation:
    """Contributions of all gene sets of a collection.

    Attributes
    ----------
    panel, lineage
        (n_drugs) roc_auc of panel + lineage, and of lineage alone.
    sets
        In the order of the collection, those without a gene in the cohort last.
    """

    drugs: tuple[str, ...]
    panel: tuple[Figure, ...]
    lineage: tuple[Figure, ...]
    sets: tuple[SetContribution, ...]

    def of_drug(self, drug: str) -> dict[str, Any]:
        """Figures of one drug, for its evidence card."""
        at = self.drugs.index(drug)
        return {
            "roc_auc": figure_json(self.panel[at]),
            "lineage": figure_json(self.lineage[at]),
            "gene_sets": {
                one.gene_set: {
                    "n_genes": len(one.genes),
                    "n_own_genes": len(one.own_genes),
                    "added_to_panel": figure_json(one.added_to_panel[at]),
                    "added_to_lineage": figure_json(one.added_to_lineage[at]),
                }
                for one in self.sets
            },
        }

    def to_json(self) -> dict[str, Any]:
        """Means over drugs of every set, and the figures of every drug."""
        return {
            "gene_sets": {
                one.gene_set: {
                    "genes": list(one.genes),
                    "own_genes": list(one.own_genes),
                    "mean_added_to_panel": figure_json(one.mean_added_to_panel),
                    "mean_added_to_lineage": figure_json(one.mean_added_to_lineage),
                }
                for one in self.sets
            },
            "drugs": {drug: self.of_drug(drug) for drug in self.drugs},
        }


def ablate_sets(
    data: ControlData,
    settings: AblationSettings | None = None,
    *,
    progress: Progress | None = None,
) -> SetAblation:
    """Leave every gene set out, and let every one stand alone, for all drugs.

    Parameters
    ----------
    data
        Cohort, drugs and plan of features.
    progress
        Told how many folds are done, of how many.
    """
    settings = settings or AblationSettings()
    names = list(data.plan.set_genes)
    plans: list[FeaturePlan | None] = [data.plan, None]
    plans += [without_set(data.plan, name) for name in names]
    plans += [only_set(data.plan, name) for name in names]
    panel, lineage, *variants = draw_plans(data, plans, settings, progress=progress)
    unknown = no_lineage(data, settings)
    left_out, alone = variants[: len(names)], variants[len(names) :]
    sets = [
        _contribution(data.plan, name, (panel, without), (one, lineage), unknown)
        for name, without, one in zip(names, left_out, alone, strict=True)
    ]
    return SetAblation(
        drugs=data.drugs,
        panel=intervals_of(panel.value, panel.draws),
        lineage=_or_unknown(intervals_of(lineage.value, lineage.draws), unknown),
        sets=(*sets, *(_empty(name, len(data.drugs)) for name in data.plan.empty_sets)),
    )


def no_lineage(data: ControlData, settings: AblationSettings) -> NotEstimable | None:
    """Say why there is no control by lineage, or nothing."""
    least = settings.controls.lineage_minimum
    if (data.lineage.value_counts() >= least).sum() < 2:
        return NotEstimable(f"no two lineages have {least} lines")
    return None


def draw_plans(
    data: ControlData,
    plans: Iterable[FeaturePlan | None],
    settings: AblationSettings,
    *,
    progress: Progress | None = None,
) -> list[DrawnRocAuc]:
    """Measure each plan with lineage on held-out lines; None stands for lineage alone."""
    algebras = [None if plan is None else PanelAlgebra.of_plan(plan) for plan in plans]
    held_out: list[list[HeldOutScores]] = [[] for _ in algebras]
    n_folds, seeds = settings.controls.n_folds, settings.controls.seeds
    splits = [fold for s in seeds for fold in shared_folds(data.groups, n_folds=n_folds, seed=s)]
    for done, fold in enumerate(splits, start=1):
        tables = learn_tables(data, fold.train, settings)
        targets = rank_targets(data.response[fold.train])
        for folds, algebra in zip(held_out, algebras, strict=True):
            features = _features(tables, algebra)
            scores = predict_held_out(features[fold.train], features[fold.test], targets)
            folds.append(HeldOutScores(fold.test, scores))
        if progress:
            progress(done, len(splits))
    return [
        draw_roc_auc(
            folds,
            data,
            n_bootstrap=settings.n_bootstrap,
            random_state=settings.controls.random_state,
        )
        for folds in held_out
    ]


def _features(tables: FoldTables, algebra: PanelAlgebra | None) -> FloatArray:
    if algebra is None or not algebra.panel:
        return tables.lineage
    return np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])


def learn_tables(
    data: ControlData, train: np.ndarray[Any, np.dtype[np.int64]], settings: AblationSettings
) -> FoldTables:
    """Learn z values of the panel and the lineages from some lines."""
    return FoldTables.learn(
        data.expression[list(data.plan.gene_panel)],
        data.lineage,
        train,
        lineage_minimum=settings.controls.lineage_minimum,
        lineage_weight=settings.controls.lineage_weight,
    )


def _contribution(
    plan: FeaturePlan,
    name: str,
    panel_and_without: tuple[DrawnRocAuc, DrawnRocAuc],
    alone_and_lineage: tuple[DrawnRocAuc, DrawnRocAuc],
    unknown: NotEstimable | None,
) -> SetContribution:
    remaining = frozenset(without_set(plan, name).gene_panel)
    genes = plan.set_genes[name]
    return SetContribution(
        gene_set=name,
        genes=genes,
        own_genes=tuple(gene for gene in genes if gene not in remaining),
        added_to_panel=gains(*panel_and_without),
        added_to_lineage=_or_unknown(gains(*alone_and_lineage), unknown),
        mean_added_to_panel=mean_gain(*panel_and_without),
        mean_added_to_lineage=unknown or mean_gain(*alone_and_lineage),
    )


def _or_unknown(figures: tuple[Figure, ...], unknown: NotEstimable | None) -> tuple[Figure, ...]:
    return figures if unknown is None else (unknown,) * len(figures)


def _empty(name: str, n_drugs: int) -> SetContribution:
    nothing = (NO_GENE,) * n_drugs
    return SetContribution(name, (), (), nothing, nothing, NO_GENE, NO_GENE)
