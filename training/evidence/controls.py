"""Controls of every drug: what lineage, proliferation, random gene sets and all genes reach.

All controls of a drug run through the same estimator, on the same folds, as the panel that they are
held against: the estimator that is served where drugs learn together, rank ridge otherwise. A
random gene set costs one factorisation a fold, whatever the number of drugs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from features.feature_plan import FeaturePlan
from features.proliferation import FEWEST_MARKERS, PROLIFERATION_MARKERS
from training.cohort import ResponseKind
from training.evidence.control_estimator import (
    Choices,
    FoldEstimator,
    LearnedTogether,
    choose_for_panel,
    weighted_columns,
)
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.random_sets import RandomPanels, TooFewGenesError, draw_random_panels
from training.evidence.resume import KeptTallies, fingerprint
from training.labels import LabelMethod
from training.metrics import FloatArray, IntArray
from training.pairs import pairs_in_folds, pairs_won
from training.processes import results_of
from training.splits import Fold

Scored = tuple[IntArray, FloatArray]
CHUNK = 50
RANDOM_PANELS = "random gene sets"
PANEL = "panel"
WITHOUT_LINEAGE = ("panel_alone", "proliferation")
FIXED_CONTROLS = (
    "panel",
    "panel_alone",
    "lineage",
    "proliferation",
    "covariates",
    "all_genes",
    "shuffled_labels",
)


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """How the controls are run.

    Attributes
    ----------
    n_random_sets
        Random panels; each is run on every fold.
    seeds, n_folds
        Folds, grouped by patient and shared by all drugs.
    random_state
        Of the random panels and of the shuffled labels.
    """

    n_random_sets: int = 1000
    seeds: tuple[int, ...] = (0, 1, 2)
    n_folds: int = 5
    random_state: int = 0
    lineage_minimum: int = 5
    lineage_weight: float = 6.0
    n_jobs: int = 2


@dataclass(frozen=True, slots=True)
class ControlData:
    """A cohort as the controls see it.

    Attributes
    ----------
    expression
        Lines x genes, log2: every gene of the cohort.
    response
        (n_lines, n_drugs), NaN where not measured, low = sensitive.
    is_sensitive
        (n_lines, n_drugs); False where not measured.
    groups
        (n_lines,) split group.
    plan
        Gene sets that the cohort allows.
    response_kind, label_method
        Unit of the response, and how its labels were made.
    together
        How the drugs learn together with the others of their cohort; None where each learns by
        itself.
    """

    expression: pd.DataFrame
    lineage: pd.Series[str]
    groups: npt.NDArray[np.str_]
    drugs: tuple[str, ...]
    response: FloatArray
    is_sensitive: npt.NDArray[np.bool_]
    plan: FeaturePlan
    response_kind: ResponseKind = "ln_ic50"
    label_method: LabelMethod = "tertile"
    together: LearnedTogether | None = None

    def folds(self, *, n_folds: int, seed: int) -> list[Fold]:
        """Folds that all drugs share: those of the training where drugs learn together."""
        if self.together is None:
            return shared_folds(self.groups, n_folds=n_folds, seed=seed)
        return self.together.lines.folds(n_folds=n_folds, seed=seed)


@dataclass(frozen=True, slots=True)
class Controls:
    """roc_auc on held-out lines, a figure a drug.

    Attributes
    ----------
    fixed
        Control -> (n_drugs,); NaN where it could not be estimated, with its reason in `not_run`.
    random
        (n_random_sets, n_drugs) of the random panels, with lineage, like `fixed["panel"]`.
    not_run
        Control -> why it has no figure.
    fixed_scores
        By seed and fold: lines that were held out, and their (n_controls, n_test, n_drugs) scores.
    """

    drugs: tuple[str, ...]
    fixed: dict[str, FloatArray]
    random: FloatArray
    not_run: dict[str, str]
    fixed_scores: tuple[Scored, ...] = ()


def run_controls(
    data: ControlData,
    settings: ControlSettings,
    *,
    keep: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Controls:
    """Run every control of every drug.

    Parameters
    ----------
    keep
        Folder in which finished parts are kept, so that a run that was stopped goes on there.
    progress
        Told how many parts are done, of how many.

    Returns
    -------
    Controls
        Without random panels, and with the reason, where the cohort holds too few other genes.
    """
    try:
        panels = draw_random_panels(
            data.expression,
            data.plan.gene_panel,
            n_panels=settings.n_random_sets,
            random_state=settings.random_state,
        )
    except TooFewGenesError as error:
        # The other controls need no other genes; only this one has no figure then.
        without = run_controls(
            data, replace(settings, n_random_sets=0), keep=keep, progress=progress
        )
        return replace(without, not_run=without.not_run | {RANDOM_PANELS: error.found})
    kept = KeptTallies(keep, fingerprint(data, settings, panels)) if keep else None
    parts = list(_parts(settings))
    names = [_part_name(*part) for part in parts]
    done = {name: kept.read(name) for name in names if kept and kept.has(name)}
    todo = [part for part, name in zip(parts, names, strict=True) if name not in done]
    chosen = _choices_of_parts(data, settings, panels, todo)
    jobs = (
        joblib.delayed(_run_part)(data, settings, panels, choices, *part)
        for part, choices in zip(todo, chosen, strict=True)
    )
    with results_of(jobs, n_jobs=settings.n_jobs, in_order=True) as results:
        for part, won in zip(todo, results, strict=True):
            name = _part_name(*part)
            done[name] = won
            if kept:
                kept.write(name, won)
            if progress:
                progress(len(done), len(parts))
    return _gather(data, settings, {name: done[name] for name in names})


def choices_of_panel(
    data: ControlData, settings: ControlSettings
) -> dict[tuple[int, int], Choices]:
    """(seed, number of the fold) -> what its inner folds choose for the panel.

    As in the training; nothing where each drug learns by itself.
    """
    folds = [(seed, fold) for seed in settings.seeds for fold in range(settings.n_folds)]
    if data.together is None:
        return dict.fromkeys(folds, ())
    known = data.together.chosen
    todo = [fold for fold in folds if fold not in known]
    jobs = (joblib.delayed(_choose_part)(data, settings, *fold) for fold in todo)
    with results_of(jobs, n_jobs=settings.n_jobs, in_order=True) as chosen:
        return {**known, **dict(zip(todo, chosen, strict=True))}


def choices_of_random_panels(
    data: ControlData, settings: ControlSettings, panels: RandomPanels
) -> dict[tuple[int, int], Choices]:
    """(seed, number of the fold) -> what its inner folds choose for one of the random panels.

    Random panels must not run under choices that were tuned for the panel that they are held
    against. Another one of them chooses in every fold; for each to choose for itself would take a
    thousand times as long.
    """
    folds = [(seed, fold) for seed in settings.seeds for fold in range(settings.n_folds)]
    if data.together is None:
        return dict.fromkeys(folds, ())
    rows = panels.replacements
    jobs = (
        joblib.delayed(_choose_part)(data, settings, *fold, genes=rows[place % len(rows)])
        for place, fold in enumerate(folds)
    )
    with results_of(jobs, n_jobs=settings.n_jobs, in_order=True) as chosen:
        return dict(zip(folds, chosen, strict=True))


def shared_folds(groups: npt.NDArray[np.str_], *, n_folds: int, seed: int) -> list[Fold]:
    """Folds grouped by patient, the same for all drugs."""
    splitter = GroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    return [Fold(np.asarray(a), np.asarray(b)) for a, b in splitter.split(groups, groups=groups)]


def count_pairs(data: ControlData, settings: ControlSettings) -> FloatArray:
    """(n_drugs,) pairs of a sensitive and a resistant line within a fold, over folds and seeds."""
    measured = np.isfinite(data.response)
    folds = (data.folds(n_folds=settings.n_folds, seed=seed) for seed in settings.seeds)
    return pairs_in_folds(data.is_sensitive, measured, chain.from_iterable(folds))


def _parts(settings: ControlSettings) -> Iterator[tuple[int, int, int]]:
    """(seed, fold, first random panel); -1 stands for the fixed controls."""
    for seed in settings.seeds:
        for fold in range(settings.n_folds):
            yield seed, fold, -1
            for first in range(0, settings.n_random_sets, CHUNK):
                yield seed, fold, first


def _part_name(seed: int, fold: int, first: int) -> str:
    return f"seed{seed}-fold{fold}-" + ("fixed" if first < 0 else f"random{first:06d}")


def _choices_of_parts(
    data: ControlData,
    settings: ControlSettings,
    panels: RandomPanels,
    parts: Sequence[tuple[int, int, int]],
) -> list[Choices]:
    """Choices for each part: those of the panel for fixed controls, else those of a random one."""
    of_panel = choices_of_panel(data, settings) if any(part[2] < 0 for part in parts) else {}
    is_random = any(part[2] >= 0 for part in parts)
    of_random = choices_of_random_panels(data, settings, panels) if is_random else {}
    return [(of_panel if part[2] < 0 else of_random)[part[:2]] for part in parts]


def _choose_part(
    data: ControlData,
    settings: ControlSettings,
    seed: int,
    number: int,
    *,
    genes: npt.NDArray[np.str_] | None = None,
) -> Choices:
    """Choose for the panel, or for the genes that stand in for it."""
    if data.together is None:
        return ()
    with threadpool_limits(limits=1):
        fold = data.folds(n_folds=settings.n_folds, seed=seed)[number]
        algebra = PanelAlgebra.of_plan(data.plan)
        chosen_genes = list(algebra.panel if genes is None else genes)
        tables = learn_tables(data, settings, fold, genes=sorted(set(chosen_genes)))
        features = np.hstack([algebra.features(tables.of(chosen_genes)), tables.lineage])
        is_weighted = weighted_columns(features.shape[1], tables.lineage.shape[1])
        return choose_for_panel(data.together, features, is_weighted, fold, seed=seed)


def _run_part(
    data: ControlData,
    settings: ControlSettings,
    panels: RandomPanels,
    choices: Choices,
    seed: int,
    number: int,
    first: int,
) -> FloatArray:
    """Scores of the fixed controls; or (n_panels, n_drugs) pairs that a chunk of panels won."""
    with threadpool_limits(limits=1):
        fold = data.folds(n_folds=settings.n_folds, seed=seed)[number]
        if first < 0:
            return fixed_scores(data, settings, choices, fold, seed=seed)
        tables, algebra = learn_tables(data, settings, fold), PanelAlgebra.of_plan(data.plan)
        estimator = FoldEstimator.of(data.response, fold, data.together, choices, seed=seed)
        rows = panels.replacements[first : first + CHUNK]
        n_lineages = tables.lineage.shape[1]
        won = []
        for genes in rows:
            features = np.hstack([algebra.features(tables.of(genes)), tables.lineage])
            is_weighted = weighted_columns(features.shape[1], n_lineages)
            won.append(_won(data, estimator.scores(features, is_weighted), fold))
        return np.stack(won)


def learn_tables(
    data: ControlData,
    settings: ControlSettings,
    fold: Fold,
    *,
    genes: Sequence[str] | None = None,
) -> FoldTables:
    """Z values and lineage columns as the training lines of a fold teach them."""
    return FoldTables.learn(
        data.expression if genes is None else data.expression[list(genes)],
        data.lineage,
        fold.train,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
    )


def fixed_scores(
    data: ControlData, settings: ControlSettings, choices: Choices, fold: Fold, *, seed: int
) -> FloatArray:
    """(n_controls, n_test, n_drugs) scores of `FIXED_CONTROLS`; NaN without markers."""
    tables, algebra = learn_tables(data, settings, fold), PanelAlgebra.of_plan(data.plan)
    estimator = FoldEstimator.of(
        data.response, fold, data.together, choices, seed=seed, choosing=True
    )
    features = fixed_features(data, settings, tables, algebra, seed=seed)
    scores = np.full((len(FIXED_CONTROLS), len(fold.test), len(data.drugs)), np.nan)
    for row, (name, one) in enumerate(zip(FIXED_CONTROLS, features, strict=True)):
        if one is None:
            continue
        n_lineages = tables.lineage.shape[1] if name not in WITHOUT_LINEAGE else 0
        is_weighted = weighted_columns(one.shape[1], n_lineages, lineage_first=name == "covariates")
        score = estimator.scores if name == PANEL else estimator.scores_of_control
        scores[row] = score(one, is_weighted)
    return scores


def fixed_features(
    data: ControlData,
    settings: ControlSettings,
    tables: FoldTables,
    algebra: PanelAlgebra,
    *,
    seed: int,
) -> tuple[FloatArray | None, ...]:
    """(n_lines, n_features) of every one of `FIXED_CONTROLS`; None without proliferation markers.

    Shuffled labels are shuffled lines: every line has the features of another one.
    """
    alone = algebra.features(tables.of(algebra.panel))
    panel = np.hstack([alone, tables.lineage])
    markers = _markers(data.expression.columns)
    proliferation = tables.of(markers).mean(axis=1, keepdims=True) if markers else None
    generator = np.random.default_rng([settings.random_state, seed])
    shuffled = generator.permutation(len(data.response))
    features = {
        "panel": panel,
        "panel_alone": alone,
        "lineage": tables.lineage,
        "proliferation": proliferation,
        "covariates": (
            None if proliferation is None else np.hstack([tables.lineage, proliferation])
        ),
        "all_genes": np.hstack([tables.z, tables.lineage]),
        "shuffled_labels": panel[shuffled],
    }
    return tuple(features[name] for name in FIXED_CONTROLS)


def _won(data: ControlData, scores: FloatArray, fold: Fold) -> FloatArray:
    if not np.isfinite(scores).all():
        return np.full(len(data.drugs), np.nan)
    measured = np.isfinite(data.response[fold.test])
    return pairs_won(scores, data.is_sensitive[fold.test], measured)


def _markers(genes: Sequence[str] | pd.Index) -> list[str]:
    held = frozenset(genes)
    markers = [gene for gene in PROLIFERATION_MARKERS if gene in held]
    return markers if len(markers) >= FEWEST_MARKERS else []


def _gather(data: ControlData, settings: ControlSettings, parts: dict[str, FloatArray]) -> Controls:
    pairs = count_pairs(data, settings)
    fixed = np.zeros((len(FIXED_CONTROLS), len(data.drugs)))
    random = np.zeros((settings.n_random_sets, len(data.drugs)))
    folds = {seed: data.folds(n_folds=settings.n_folds, seed=seed) for seed in settings.seeds}
    fixed_scores = []
    for seed, number, first in _parts(settings):
        part = parts[_part_name(seed, number, first)]
        if first < 0:
            fold = folds[seed][number]
            fixed += np.stack([_won(data, one, fold) for one in part])
            fixed_scores.append((fold.test, part))
        else:
            random[first : first + CHUNK] += part
    share = np.where(pairs > 0, pairs, np.nan)
    not_run = reasons_not_run(data, settings)
    for name in not_run:
        fixed[FIXED_CONTROLS.index(name)] = np.nan
    return Controls(
        drugs=data.drugs,
        fixed={name: fixed[row] / share for row, name in enumerate(FIXED_CONTROLS)},
        random=random / share,
        not_run=not_run,
        fixed_scores=tuple(fixed_scores),
    )


def reasons_not_run(data: ControlData, settings: ControlSettings) -> dict[str, str]:
    """Control -> why the cohort allows no figure of it; controls that are not named have one."""
    reasons = {}
    if (data.lineage.value_counts() >= settings.lineage_minimum).sum() < 2:
        reasons["lineage"] = f"no two lineages have {settings.lineage_minimum} lines"
    if not _markers(data.expression.columns):
        reason = f"the cohort holds fewer than {FEWEST_MARKERS} proliferation markers"
        reasons |= {"proliferation": reason, "covariates": reason}
    return reasons
