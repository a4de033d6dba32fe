"""Plots of a training, drawn without a display."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation import DrugEvaluation
from training.metrics import BoolArray, FloatArray, reliability

LONGEST_NAME = 60
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
    figure = Figure(figsize=(8.4, 4.5))
    left, right = figure.subplots(1, 2)
    # A fixed layout: working one out doubles the time of a plot, and there is one a drug.
    figure.subplots_adjust(left=0.08, right=0.985, bottom=0.115, top=0.8, wspace=0.2)
    _draw_roc(left, is_sensitive, evaluation)
    _draw_reliability(right, is_sensitive, evaluation)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    name = drug if len(drug) <= LONGEST_NAME else f"{drug[:LONGEST_NAME]}…"
    figure.suptitle(
        f"{name}: {evaluation.n_lines} unseen lines, {evaluation.n_sensitive} sensitive",
        fontsize=11,
    )
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": ""})
    return picture.getvalue()


def _draw_roc(axes: Axes, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    for row, probability in enumerate(evaluation.probability):
        false_rate, true_rate = _roc_curve(is_sensitive, probability)
        label = "one seed" if row == 0 else None
        axes.plot(false_rate, true_rate, color=SEED, linewidth=1, label=label, clip_on=False)
    mean_false, mean_true = _roc_curve(is_sensitive, evaluation.probability.mean(axis=0))
    axes.plot(
        mean_false,
        mean_true,
        color=CURVE,
        linewidth=2,
        label="mean probability over seeds",
        clip_on=False,
    )
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
        f"ROC AUC within folds {figures.value:.2f} [{figures.low:.2f}, {figures.high:.2f}]\n"
        f"Lineage alone {evaluation.lineage_roc_auc.value:.2f}",
        fontsize=9,
        loc="left",
    )
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _draw_reliability(axes: Axes, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    axes.plot([0, 1], [0, 1], color=CHANCE, linestyle="--", linewidth=1, label="perfect")
    for row, probability in enumerate(evaluation.probability):
        promised, observed, _ = reliability(is_sensitive, probability, n_bins=6)
        axes.plot(
            promised,
            observed,
            color=CURVE,
            marker="o",
            markersize=3,
            linewidth=1,
            alpha=0.7,
            clip_on=False,
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
        f"Calibration error {evaluation.expected_calibration_error:.2f}\n"
        f"Brier score {evaluation.brier:.2f}, prevalence alone {evaluation.prevalence_brier:.2f}",
        fontsize=9,
        loc="left",
    )
    axes.legend(loc="upper left", fontsize=8, frameon=False)


def _roc_curve(is_sensitive: BoolArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    # Lines of the same probability are one step, or their order in the table would draw the curve.
    _, step = np.unique(-probability, return_inverse=True)
    rates = [
        np.concatenate([[0.0], np.cumsum(np.bincount(step, weights=members)) / members.sum()])
        for members in (~is_sensitive, is_sensitive)
    ]
    return rates[0], rates[1]
