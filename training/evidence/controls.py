"""Controls of every drug: what lineage, proliferation, random gene sets and all genes reach.

All controls of a drug run through the same estimator (rank ridge), on the same folds, as the panel
that they are held against. A random gene set costs one factorisation a fold, whatever the number
of drugs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from features.feature_plan import FeaturePlan
from features.proliferation import FEWEST_MARKERS, PROLIFERATION_MARKERS
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.random_sets import RandomPanels, TooFewGenesError, draw_random_panels
from training.evidence.resume import KeptTallies, fingerprint
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import FloatArray
from training.splits import Fold

CHUNK = 50
RANDOM_PANELS = "random gene sets"
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
    """

    expression: pd.DataFrame
    lineage: pd.Series[str]
    groups: npt.NDArray[np.str_]
    drugs: tuple[str, ...]
    response: FloatArray
    is_sensitive: npt.NDArray[np.bool_]
    plan: FeaturePlan


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
    """

    drugs: tuple[str, ...]
    fixed: dict[str, FloatArray]
    random: FloatArray
    not_run: dict[str, str]


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
    jobs = (joblib.delayed(_run_part)(data, settings, panels, *part) for part in todo)
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(n_jobs=settings.n_jobs, return_as="generator", batch_size=1)
        for part, won in zip(todo, parallel(jobs), strict=True):
            name = _part_name(*part)
            done[name] = won
            if kept:
                kept.write(name, won)
            if progress:
                progress(len(done), len(parts))
    return _gather(data, settings, {name: done[name] for name in names})


def shared_folds(groups: npt.NDArray[np.str_], *, n_folds: int, seed: int) -> list[Fold]:
    """Folds grouped by patient, the same for all drugs."""
    splitter = GroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    return [Fold(np.asarray(a), np.asarray(b)) for a, b in splitter.split(groups, groups=groups)]


def pairs_won(
    scores: FloatArray, is_sensitive: npt.NDArray[np.bool_], measured: npt.NDArray[np.bool_]
) -> FloatArray:
    """Sum, for each drug, the pairs of one fold that are ranked rightly; a tie counts a half.

    Parameters
    ----------
    scores, is_sensitive, measured
        (n_test, n_drugs).

    Returns
    -------
    FloatArray
        (n_drugs,).
    """
    ranks = np.asarray(rankdata(np.where(measured, scores, np.inf), axis=0), dtype=np.float64)
    sensitive = is_sensitive & measured
    n_sensitive = sensitive.sum(axis=0)
    won: FloatArray = (
        np.where(sensitive, ranks, 0.0).sum(axis=0) - n_sensitive * (n_sensitive + 1) / 2
    )
    return won


def count_pairs(data: ControlData, settings: ControlSettings) -> FloatArray:
    """(n_drugs,) pairs of a sensitive and a resistant line within a fold, over folds and seeds."""
    measured = np.isfinite(data.response)
    pairs = np.zeros(len(data.drugs))
    for seed in settings.seeds:
        for fold in shared_folds(data.groups, n_folds=settings.n_folds, seed=seed):
            sensitive = (data.is_sensitive & measured)[fold.test].sum(axis=0)
            pairs += sensitive * (measured[fold.test].sum(axis=0) - sensitive)
    return pairs


def _parts(settings: ControlSettings) -> Iterator[tuple[int, int, int]]:
    """(seed, fold, first random panel); -1 stands for the fixed controls."""
    for seed in settings.seeds:
        for fold in range(settings.n_folds):
            yield seed, fold, -1
            for first in range(0, settings.n_random_sets, CHUNK):
                yield seed, fold, first


def _part_name(seed: int, fold: int, first: int) -> str:
    return f"seed{seed}-fold{fold}-" + ("fixed" if first < 0 else f"random{first:06d}")


def _run_part(
    data: ControlData,
    settings: ControlSettings,
    panels: RandomPanels,
    seed: int,
    number: int,
    first: int,
) -> FloatArray:
    """(n_rows, n_drugs) pairs won: the fixed controls, or a chunk of random panels."""
    with threadpool_limits(limits=1):
        fold = shared_folds(data.groups, n_folds=settings.n_folds, seed=seed)[number]
        tables = FoldTables.learn(
            data.expression,
            data.lineage,
            fold.train,
            lineage_minimum=settings.lineage_minimum,
            lineage_weight=settings.lineage_weight,
        )
        algebra = PanelAlgebra.of_plan(data.plan)
        if first < 0:
            return _fixed_rows(data, settings, tables, algebra, fold, seed)
        rows = panels.replacements[first : first + CHUNK]
        scored = (
            _won(data, np.hstack([algebra.features(tables.of(genes)), tables.lineage]), fold)
            for genes in rows
        )
        return np.stack(list(scored))


def _fixed_rows(
    data: ControlData,
    settings: ControlSettings,
    tables: FoldTables,
    algebra: PanelAlgebra,
    fold: Fold,
    seed: int,
) -> FloatArray:
    alone = algebra.features(tables.of(algebra.panel))
    panel = np.hstack([alone, tables.lineage])
    markers = _markers(data.expression.columns)
    proliferation = tables.of(markers).mean(axis=1, keepdims=True) if markers else None
    generator = np.random.default_rng([settings.random_state, seed])
    shuffled = generator.permutation(len(data.response))
    nothing = np.full(len(data.drugs), np.nan)
    rows = {
        "panel": _won(data, panel, fold),
        "panel_alone": _won(data, alone, fold),
        "lineage": _won(data, tables.lineage, fold),
        "proliferation": nothing if proliferation is None else _won(data, proliferation, fold),
        "covariates": (
            nothing
            if proliferation is None
            else _won(data, np.hstack([tables.lineage, proliferation]), fold)
        ),
        "all_genes": _won(data, np.hstack([tables.z, tables.lineage]), fold),
        "shuffled_labels": _won(data, panel[shuffled], fold),
    }
    return np.stack([rows[name] for name in FIXED_CONTROLS])


def _won(data: ControlData, features: FloatArray, fold: Fold) -> FloatArray:
    targets = rank_targets(data.response[fold.train])
    scores = predict_held_out(features[fold.train], features[fold.test], targets)
    measured = np.isfinite(data.response[fold.test])
    return pairs_won(scores, data.is_sensitive[fold.test], measured)


def _markers(genes: Sequence[str] | pd.Index) -> list[str]:
    held = frozenset(genes)
    markers = [gene for gene in PROLIFERATION_MARKERS if gene in held]
    return markers if len(markers) >= FEWEST_MARKERS else []


def _gather(data: ControlData, settings: ControlSettings, won: dict[str, FloatArray]) -> Controls:
    pairs = count_pairs(data, settings)
    fixed = np.zeros((len(FIXED_CONTROLS), len(data.drugs)))
    random = np.zeros((settings.n_random_sets, len(data.drugs)))
    for seed, fold, first in _parts(settings):
        part = won[_part_name(seed, fold, first)]
        if first < 0:
            fixed += part
        else:
            random[first : first + CHUNK] += part
    share = np.where(pairs > 0, pairs, np.nan)
    not_run = _not_run(data, settings)
    for name in not_run:
        fixed[FIXED_CONTROLS.index(name)] = np.nan
    return Controls(
        drugs=data.drugs,
        fixed={name: fixed[row] / share for row, name in enumerate(FIXED_CONTROLS)},
        random=random / share,
        not_run=not_run,
    )


def _not_run(data: ControlData, settings: ControlSettings) -> dict[str, str]:
    reasons = {}
    if (data.lineage.value_counts() >= settings.lineage_minimum).sum() < 2:
        reasons["lineage"] = f"no two lineages have {settings.lineage_minimum} lines"
    if not _markers(data.expression.columns):
        reason = f"the cohort holds fewer than {FEWEST_MARKERS} proliferation markers"
        reasons |= {"proliferation": reason, "covariates": reason}
    return reasons
