"""Figures of one drug's held-out predictions, plain and with whole patients drawn again.

All follow from what a bundle keeps of its held-out lines (`models.held_out`): nothing is learned.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from models.conformal import ClassConditionalConformal
from models.held_out import HeldOutPredictions
from training.evidence.intervals import drawn_means
from training.evidence.studies.paired_difference import drawn_roc_auc
from training.metrics import FloatArray, IntArray

N_BINS = 10
FIGURES = (
    "roc_auc",
    "brier",
    "calibration_error",
    "coverage_sensitive",
    "coverage_resistant",
    "no_call",
)

DrawnFigures = dict[str, FloatArray]
"""Figure -> (1 + n_draws,) values: as observed, then of every draw; NaN where a draw has none."""


def draw_figures(
    held_out: HeldOutPredictions, lines: IntArray, weights: FloatArray, *, level: float
) -> DrawnFigures:
    """Measure how well held-out lines were predicted.

    Parameters
    ----------
    lines
        (n_chosen,) places of the lines that count.
    weights
        (1 + n_draws, n_chosen) how often each of them counts; ones in the first row.
    level
        Of the conformal sets.

    Returns
    -------
    DrawnFigures
        roc_auc within folds; Brier score and expected calibration error, means over seeds; share of
        the lines of each class whose conformal set holds their class; share of sets with both.
    """
    promised = held_out.probability[:, lines].astype(np.float64)
    label = held_out.is_sensitive[lines]
    covered, both = (share[lines] for share in conformal_shares(held_out, level))
    return {
        "roc_auc": drawn_roc_auc(held_out, lines, weights),
        "brier": drawn_means(((promised - label) ** 2).mean(axis=0), weights),
        "calibration_error": _calibration_error(promised, label.astype(np.float64), weights),
        "coverage_sensitive": drawn_means(covered[label], weights[:, label]),
        "coverage_resistant": drawn_means(covered[~label], weights[:, ~label]),
        "no_call": drawn_means(both, weights),
    }


def conformal_shares(held_out: HeldOutPredictions, level: float) -> tuple[FloatArray, FloatArray]:
    """(n_lines,) shares of the seeds in which a line's set holds its class, and both classes.

    The sets of a fold's lines are calibrated on the held-out lines of the other folds, as those of
    the served bundle are calibrated on held-out lines.
    """
    n_seeds, n_lines = held_out.probability.shape
    own_bit = np.where(held_out.is_sensitive, 1, 2)
    covered, both = np.zeros(n_lines), np.zeros(n_lines)
    for promised, folds in zip(held_out.probability, held_out.fold, strict=True):
        for fold in np.unique(folds):
            inside = folds == fold
            sets = ClassConditionalConformal.from_probabilities(
                promised[~inside], held_out.is_sensitive[~inside]
            ).set_codes(promised[inside], level)
            covered[inside] += (sets & own_bit[inside]) > 0
            both[inside] += sets == 3
    return covered / n_seeds, both / n_seeds


def mean_over_drugs(drawn: list[FloatArray]) -> FloatArray:
    """(1 + n_draws,) means of the drugs that have a figure in a draw; NaN where none has."""
    table = np.stack(drawn)
    finite = np.isfinite(table)
    counts = finite.sum(axis=0)
    means: FloatArray = np.full(table.shape[1], np.nan)
    np.divide(np.where(finite, table, 0.0).sum(axis=0), counts, out=means, where=counts > 0)
    return means


def _calibration_error(promised: FloatArray, label: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean over seeds of the error in ten bins of equal count, whose bounds stay as observed."""
    total = weights.sum(axis=1)
    errors: FloatArray = np.zeros(len(weights))
    for probability in promised:
        middle_rank = np.asarray(rankdata(probability), dtype=np.float64) - 0.5
        bins = np.floor(middle_rank * N_BINS / len(probability)).astype(np.int64)
        gaps = np.zeros((len(probability), N_BINS))
        gaps[np.arange(len(probability)), bins] = probability - label
        errors += np.abs(weights @ gaps).sum(axis=1)
    share: FloatArray = np.full(len(weights), np.nan)
    np.divide(errors, total * len(promised), out=share, where=total > 0)
    return share
