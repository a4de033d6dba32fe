"""Whether promised probabilities come true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import Reading, figure_at, figure_text, read_figure
from models.cards.fragment import Fragment
from models.cards.reliability import draw_reliability
from models.cards.tables import table


def reliability_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw promised against observed shares of sensitive lines."""
    calibration = card.get("calibration")
    if not isinstance(calibration, Mapping) or not calibration.get("reliability"):
        return None
    points = calibration["reliability"]
    rows = [
        (f"{one['promised']:.3f}", figure_text(read_figure(one["observed"]), digits=3),
         str(one["n_predictions"]))
        for one in points
    ]  # fmt: skip
    error = figure_text(figure_at(card, "expected_calibration_error"), digits=3)
    chance = figure_at(card, "calibration", "error_if_calibrated")
    slope, intercept = (
        figure_text(figure_at(card, "calibration", name)) for name in ("slope", "intercept")
    )
    figures = table(
        "Calibration on held-out lines",
        ("figure", "value"),
        (
            ("Brier (lower is better)", figure_text(figure_at(card, "brier"), digits=3)),
            ("Brier of the prevalence", figure_text(figure_at(card, "prevalence_brier"), digits=3)),
            ("expected calibration error", error),
            ("the same if every promise held", figure_text(chance, digits=3)),
            ("slope (1 is right)", slope),
            ("intercept (0 is right)", intercept),
            ("chosen calibration", _chosen(card)),
            ("Brier of Venn-Abers minus sigmoid", _choice_text(card)),
        ),
        numbers=(1,),
    )
    columns = ("promised", "observed", "predictions")
    return Fragment(
        "Calibration",
        draw_reliability(points, label=f"{card['drug']}: promised against observed shares."),
        table("Bins of equal count", columns, rows, numbers=(0, 1, 2)) + figures,
        f"Promises hold where the marks lie on the dotted line. Expected calibration error "
        f"{error}; a calibrated classifier would show up to {_high(chance)} on as many lines. "
        f"Slope {slope}.",
    )


def _chosen(card: Mapping[str, Any]) -> str:
    choice = card.get("calibration_choice")
    return str(choice["chosen"]).replace("_", "-") if isinstance(choice, Mapping) else "not run"


def _choice_text(card: Mapping[str, Any]) -> str:
    return figure_text(figure_at(card, "calibration_choice", "difference"), sign="+", digits=4)


def _high(reading: Reading) -> str:
    return reading.reason if reading.high is None else f"{reading.high:.3f}"
