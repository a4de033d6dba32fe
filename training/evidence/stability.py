"""Whether the same genes matter again when the classifier is learned from other lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from training.evidence.controls import ControlData, ControlSettings, shared_folds
from training.evidence.figures import Figure, JsonFigure, NotEstimable, figure_json
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.random_sets import draw_random_panels
from training.evidence.shared_ridge import RankTargets, predict_held_out, rank_targets
from training.metrics import FloatArray, Interval

N_RANDOM_PANELS = 5
NORMAL_95 = 1.96
FLAT = "no gene of the panel moves the score"


@dataclass(frozen=True, slots=True)
class AttributionStability:
    """Agreement of gene rankings between classifiers learned from different lines.

    Attributes
    ----------
    panel
        Mean Spearman correlation over all pairs of folds and seeds; its interval is that of a
        jackknife over the folds.
    random, random_lowest, random_highest
        The same of random panels of the same size: mean, and range over the panels. Any two folds
        share lines, so that even a panel that means nothing is above 0.
    gain
        `panel` minus that of the random panels: mean, and range over the panels.
    """

    panel: Figure
    random: Figure
    random_lowest: Figure
    random_highest: Figure
    gain: Figure

    def to_json(self) -> dict[str, JsonFigure]:
        """Every figure by name."""
        names = ("panel", "random", "random_lowest", "random_highest", "gain")
        return {name: figure_json(getattr(self, name)) for name in names}


def measure_stability(
    data: ControlData, settings: ControlSettings, *, n_random_panels: int = N_RANDOM_PANELS
) -> dict[str, AttributionStability]:
    """Compare the attribution of genes over folds and seeds, for the panel and for random panels.

    Rank ridge is learned from the training lines of every fold. What a gene gets is the mean size
    of its attribution, |coefficient| x SD, with the share that it has in gene sets and balances.

    Returns
    -------
    dict
        Drug -> figures.

    Raises
    ------
    TrainingError
        Too few genes to draw random panels from.
    """
    panels = draw_random_panels(
        data.expression,
        data.plan.gene_panel,
        n_panels=n_random_panels,
        random_state=settings.random_state,
    )
    rows = np.vstack([np.array([panels.panel], dtype=np.str_), panels.replacements])
    with threadpool_limits(limits=1):
        sizes = _sizes(data, settings, rows)
    agreement = mean_rank_agreement(sizes)
    without = [mean_rank_agreement(np.delete(sizes[:, 0], n, axis=0)) for n in range(len(sizes))]
    spread = jackknife_error(np.array(without))
    return {
        drug: _figures(agreement[0, column], spread[column], agreement[1:, column])
        for column, drug in enumerate(data.drugs)
    }


def mean_rank_agreement(sizes: FloatArray) -> FloatArray:
    """Mean Spearman correlation over pairs of folds.

    Parameters
    ----------
    sizes
        (n_folds, ..., n_genes) size of the attribution of every gene.

    Returns
    -------
    FloatArray
        (...): NaN where a fold gives every gene the same.
    """
    ranks = np.asarray(rankdata(sizes, axis=-1), dtype=np.float64)
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    unit = np.divide(centred, norm, out=np.full_like(centred, np.nan), where=norm > 0)
    # The sum over all pairs of unit vectors is |their sum|^2, their own products included.
    n_folds = len(sizes)
    everything = (unit.sum(axis=0) ** 2).sum(axis=-1)
    agreement: FloatArray = (everything - n_folds) / (n_folds * (n_folds - 1))
    return agreement


def jackknife_error(left_out: FloatArray) -> FloatArray:
    """Give the standard error of a figure from (n_folds, ...) values, each without one fold."""
    n_folds = len(left_out)
    error: FloatArray = np.sqrt((n_folds - 1) * left_out.var(axis=0))
    return error


def attribution_sizes(
    features: FloatArray, algebra: PanelAlgebra, targets: RankTargets
) -> FloatArray:
    """Mean size of the attribution of every gene, for every drug.

    Parameters
    ----------
    features
        (n_train, n_features): those of the algebra, then any others.
    targets
        Of the same lines.

    Returns
    -------
    FloatArray
        (n_drugs, n_genes).
    """
    n_genes, n_sets = algebra.set_means.shape
    n_balances = algebra.balances.shape[1]
    # Scores are linear: those of the unit vectors around the mean are the coefficients.
    probes = features.mean(axis=0) + np.eye(features.shape[1])[: n_genes + n_sets + n_balances]
    genes, sets, balances = np.split(
        predict_held_out(features, probes, targets), [n_genes, n_genes + n_sets]
    )
    coefficients = genes + algebra.set_means @ (sets + algebra.balances @ balances)
    spread = features[:, :n_genes].std(axis=0)
    sizes: FloatArray = np.abs(coefficients * spread[:, None]).T
    return sizes


def _sizes(
    data: ControlData, settings: ControlSettings, panels: npt.NDArray[np.str_]
) -> FloatArray:
    """(n_folds, n_panels, n_drugs, n_genes)."""
    algebra = PanelAlgebra.of_plan(data.plan)
    expression = data.expression[list(dict.fromkeys(panels.ravel().tolist()))]
    sizes = []
    for seed in settings.seeds:
        for fold in shared_folds(data.groups, n_folds=settings.n_folds, seed=seed):
            tables = FoldTables.learn(
                expression,
                data.lineage,
                fold.train,
                lineage_minimum=settings.lineage_minimum,
                lineage_weight=settings.lineage_weight,
            )
            targets = rank_targets(data.response[fold.train])
            sizes.append([_of_panel(tables, algebra, fold.train, row, targets) for row in panels])
    return np.array(sizes)


def _of_panel(
    tables: FoldTables,
    algebra: PanelAlgebra,
    train: npt.NDArray[np.int64],
    genes: Sequence[str],
    targets: RankTargets,
) -> FloatArray:
    features = np.hstack([algebra.features(tables.of(genes)), tables.lineage])
    return attribution_sizes(features[train], algebra, targets)


def _figures(panel: float, standard_error: float, random: FloatArray) -> AttributionStability:
    if not np.isfinite(panel):
        flat = NotEstimable(FLAT)
        return AttributionStability(flat, *_range(random), flat)
    reach = NORMAL_95 * standard_error
    low, high = max(panel - reach, -1.0), min(panel + reach, 1.0)
    known = Interval(float(panel), float(low), float(high))
    mean, lowest, highest = _range(random)
    if isinstance(mean, NotEstimable):
        return AttributionStability(known, mean, lowest, highest, mean)
    gaps = panel - random
    gain = Interval(float(gaps.mean()), float(gaps.min()), float(gaps.max()))
    return AttributionStability(known, mean, lowest, highest, gain)


def _range(random: FloatArray) -> tuple[Figure, Figure, Figure]:
    if not np.isfinite(random).all() or not len(random):
        missing = NotEstimable("no random panel was ranked")
        return missing, missing, missing
    return float(random.mean()), float(random.min()), float(random.max())
