"""Plots of a training, drawn without a display.

There is one plot a drug, and most of what a plot shows is the same for all of them: axes, ticks,
words and legends. That part is drawn once in a process; a drug's plot is a copy of it with the
drug's curves and titles drawn on top, in a tenth of the time.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any, Literal, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.lines import Line2D

from training.evaluation import DrugEvaluation
from training.metrics import BoolArray, FloatArray, reliability

LONGEST_NAME = 60
CURVE, SEED, CHANCE = "#0072B2", "#9ecae9", "#767676"
DOTS_PER_INCH = 110
SEED_STYLE: dict[str, Any] = {"color": SEED, "linewidth": 1}
MEAN_STYLE: dict[str, Any] = {"color": CURVE, "linewidth": 2}
CHANCE_STYLE: dict[str, Any] = {"color": CHANCE, "linewidth": 1, "linestyle": "--"}
RELIABILITY_STYLE: dict[str, Any] = {
    "color": CURVE,
    "linewidth": 1,
    "marker": "o",
    "markersize": 3,
    "alpha": 0.7,
}


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
    sheet = _sheet()
    sheet.clear()
    _draw_roc(sheet, is_sensitive, evaluation)
    _draw_reliability(sheet, is_sensitive, evaluation)
    name = drug if len(drug) <= LONGEST_NAME else f"{drug[:LONGEST_NAME]}…"
    sheet.write_title(
        f"{name}: {evaluation.n_lines} unseen lines, {evaluation.n_sensitive} sensitive"
    )
    return sheet.png()


def _draw_roc(sheet: _Sheet, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    for probability in evaluation.probability:
        sheet.draw_curve(sheet.roc, *_roc_curve(is_sensitive, probability), SEED_STYLE)
    mean = evaluation.probability.mean(axis=0)
    sheet.draw_curve(sheet.roc, *_roc_curve(is_sensitive, mean), MEAN_STYLE)
    figures = evaluation.roc_auc
    sheet.write_axes_title(
        sheet.roc,
        f"ROC AUC within folds {figures.value:.2f} [{figures.low:.2f}, {figures.high:.2f}]\n"
        f"Lineage alone {evaluation.lineage_roc_auc.value:.2f}",
    )


def _draw_reliability(sheet: _Sheet, is_sensitive: BoolArray, evaluation: DrugEvaluation) -> None:
    for probability in evaluation.probability:
        promised, observed, _ = reliability(is_sensitive, probability, n_bins=6)
        sheet.draw_curve(sheet.reliability, promised, observed, RELIABILITY_STYLE)
    sheet.write_axes_title(
        sheet.reliability,
        f"Calibration error {evaluation.expected_calibration_error:.2f}\n"
        f"Brier score {evaluation.brier:.2f}, prevalence alone {evaluation.prevalence_brier:.2f}",
    )


def _roc_curve(is_sensitive: BoolArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    # Lines of the same probability are one step, or their order in the table would draw the curve.
    _, step = np.unique(-probability, return_inverse=True)
    rates = [
        np.concatenate([[0.0], np.cumsum(np.bincount(step, weights=members)) / members.sum()])
        for members in (~is_sensitive, is_sensitive)
    ]
    return rates[0], rates[1]


class _Sheet:
    """Two plots without curves, drawn once; what is drawn afterwards goes on a copy of them."""

    def __init__(self) -> None:
        figure = Figure(figsize=(8.4, 4.5), dpi=DOTS_PER_INCH)
        self._figure = figure
        self._canvas = cast("Any", FigureCanvasAgg(figure))  # its methods have no types
        self.roc, self.reliability = figure.subplots(1, 2)
        # A fixed layout: working one out doubles the time of a plot.
        figure.subplots_adjust(left=0.08, right=0.985, bottom=0.115, top=0.8, wspace=0.2)
        _lay_out_roc(self.roc)
        _lay_out_reliability(self.reliability)
        self._canvas.draw()
        self._without_curves = self._canvas.copy_from_bbox(figure.bbox)

    def clear(self) -> None:
        """Begin anew."""
        self._canvas.restore_region(self._without_curves)

    def draw_curve(self, axes: Axes, x: FloatArray, y: FloatArray, style: dict[str, Any]) -> None:
        """Draw one curve, which may run along the frame."""
        line = Line2D(x, y, clip_on=False, transform=axes.transData, figure=self._figure, **style)
        line.draw(self._canvas.get_renderer())

    def write_axes_title(self, axes: Axes, text: str) -> None:
        """Write above the left end of one plot."""
        title = axes.set_title(text, fontsize=9, loc="left")
        title.draw(self._canvas.get_renderer())

    def write_title(self, text: str) -> None:
        """Write above both plots."""
        title = self._figure.suptitle(text, fontsize=11)
        title.draw(self._canvas.get_renderer())

    def png(self) -> bytes:
        """Give what is drawn by now."""
        picture = BytesIO()
        pixels = np.asarray(self._canvas.buffer_rgba())[..., :3]
        imsave(picture, pixels, format="png", dpi=DOTS_PER_INCH, metadata={"Software": ""})
        return picture.getvalue()


@cache
def _sheet() -> _Sheet:
    return _Sheet()


def _lay_out_roc(axes: Axes) -> None:
    chance = axes.axline((0, 0), (1, 1), label="chance", **CHANCE_STYLE)
    axes.set(
        xlabel="Share of resistant lines called sensitive",
        ylabel="Share of sensitive lines called sensitive",
    )
    curves = [
        Line2D([], [], label="one seed", **SEED_STYLE),
        Line2D([], [], label="mean probability over seeds", **MEAN_STYLE),
        chance,
    ]
    _finish(axes, curves, legend_place="lower right")


def _lay_out_reliability(axes: Axes) -> None:
    perfect = axes.axline((0, 0), (1, 1), label="perfect", **CHANCE_STYLE)
    axes.set(
        xlabel="Calibrated probability of being sensitive",
        ylabel="Observed share of sensitive lines",
    )
    sixths = "sixths of the lines, one curve a seed"
    _finish(
        axes,
        [perfect, Line2D([], [], label=sixths, **RELIABILITY_STYLE)],
        legend_place="upper left",
    )


def _finish(
    axes: Axes, curves: list[Line2D], *, legend_place: Literal["lower right", "upper left"]
) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(handles=curves, loc=legend_place, fontsize=8, frameon=False)
