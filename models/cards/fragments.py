"""All drawings of a card, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.cards.calibration_plot import reliability_figure
from models.cards.control_plot import controls_figure
from models.cards.coverage_plot import coverage_figure
from models.cards.fragment import Fragment
from models.cards.label_plot import labels_figure
from models.cards.lineage_plots import domain_figure, lineage_out_figure
from models.cards.robustness_plot import robustness_figure
from models.cards.stability_plot import stability_figure

DRAWINGS: dict[str, Callable[[Mapping[str, Any]], Fragment | None]] = {
    "controls": controls_figure,
    "calibration": reliability_figure,
    "coverage": coverage_figure,
    "leave_lineage_out": lineage_out_figure,
    "labels": labels_figure,
    "robustness": robustness_figure,
    "stability": stability_figure,
    "domain": domain_figure,
}


def card_figures(card: Mapping[str, Any]) -> dict[str, Fragment]:
    """Draw a card: name -> drawing with its table.

    Parameters
    ----------
    card
        As of `models.cards.card.whole_card`. A section that was not run has no drawing.
    """
    found = {name: draw(card) for name, draw in DRAWINGS.items()}
    return {name: fragment for name, fragment in found.items() if fragment is not None}
