"""Plots of a training, drawn without a display."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation import DrugEvaluation
from training.metrics import BoolArray, FloatArray

CURVE, SEED, CHANCE = "#0072B2", "#9ecae9", "#767676"


def draw_curves(drug: str, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> bytes:
    """ROC and reliability curves of held-out lines, as a PNG.

    Parameters
    ----------
    drug
        Name for the title.
    is_sensitive
        (n_lines,) labels.
    evaluation
        Its `probability` holds one row a seed.
    """
    figure = Figure(figsize=(8.4, 4.4))
    roc, reliability = figure.subplots(1, 2)
    # A fixed layout: working one out doubles the time of a plot, and there is one a drug.
    figure.subplots_adjust(left=0.08, right=0.985, bottom=0.13, top=0.83, wspace=0.24)
    _draw_roc(roc, is_sensitive, evaluation)
    _draw_reliability(reliability, is_sensitive, evaluation)
    figure.suptitle(
        f"{drug}: {evaluation.n_lines} unseen lines, {evaluation.n_sensitive} sensitive",
        fontsize=11,
    )
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": ""})
    return picture.getvalue()


def _draw_roc(axes: Axes, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    for probability in evaluation.probability:
        false_rate, true_rate = _roc_curve(is_sensitive, probability)
        axes.plot(false_rate, true_rate, color=SEED, linewidth=1)
    mean_false, mean_true = _roc_curve(is_sensitive, evaluation.probability.mean(axis=0))
    axes.plot(mean_false, mean_true, color=CURVE, linewidth=2, label="mean over seeds")
    axes.plot([0, 1], [0, 1], color=CHANCE, linestyle="--", linewidth=1, label="chance")
    figures = evaluation.roc_auc
    axes.set(
        xlabel="Share of resistant lines called sensitive",
        ylabel="Share of sensitive lines called sensitive",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.set_title(
        f"ROC AUC {figures.value:.2f} [{figures.low:.2f}, {figures.high:.2f}], "
        f"lineage alone {evaluation.lineage_roc_auc.value:.2f}",
        fontsize=9,
    )
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _draw_reliability(axes: Axes, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    axes.plot([0, 1], [0, 1], color=CHANCE, linestyle="--", linewidth=1, label="perfect")
    for row, probability in enumerate(evaluation.probability):
        promised, observed = _reliability(is_sensitive, probability)
        axes.plot(
            promised,
            observed,
            color=CURVE,
            marker="o",
            markersize=3,
            linewidth=1,
            alpha=0.7,
            label="sixths of the lines, one curve a seed" if row == 0 else None,
        )
    axes.set(
        xlabel="Calibrated probability of being sensitive",
        ylabel="Observed share of sensitive lines",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.set_title(
        f"Calibration error {evaluation.expected_calibration_error:.2f}, "
        f"Brier {evaluation.brier:.2f} (prevalence alone {evaluation.prevalence_brier:.2f})",
        fontsize=9,
    )
    axes.legend(loc="upper left", fontsize=8, frameon=False)


def _roc_curve(is_sensitive: BoolArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    ordered = is_sensitive[np.argsort(-probability, kind="stable")]
    true_rate = np.concatenate([[0.0], np.cumsum(ordered) / max(ordered.sum(), 1)])
    false_rate = np.concatenate([[0.0], np.cumsum(~ordered) / max((~ordered).sum(), 1)])
    return false_rate, true_rate


def _reliability(
    is_sensitive: BoolArray, probability: FloatArray, *, n_bins: int = 6
) -> tuple[FloatArray, FloatArray]:
    parts = np.array_split(np.argsort(probability, kind="stable"), n_bins)
    promised = np.array([probability[part].mean() for part in parts if part.size])
    observed = np.array([is_sensitive[part].mean() for part in parts if part.size])
    return promised, observed
