"""The panel against the cloud of random gene sets, for one drug."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evidence.controls import Controls
from training.evidence.figures import JsonFigure
from training.metrics import FloatArray

# Okabe and Ito's palette; each mark has its own line style too.
MARKS = {
    "panel": ("gene sets and lineage", "#0072B2", "-"),
    "lineage": ("lineage alone", "#D55E00", "--"),
    "all_genes": ("all genes and lineage", "#009E73", "-."),
}
CLOUD, CHANCE = "#c7c7c7", "#767676"


def draw_controls(
    drug: str, controls: Controls, place: int, card: Mapping[str, JsonFigure]
) -> bytes:
    """Histogram of the random panels with the panel, lineage and all genes marked, as a PNG.

    Parameters
    ----------
    place
        Position of the drug in `controls`.
    card
        Evidence card, for p and q.
    """
    figure = Figure(figsize=(7.2, 3.6))
    axes = figure.subplots()
    figure.subplots_adjust(left=0.09, right=0.68, bottom=0.15, top=0.82)
    _draw_cloud(axes, controls.random[:, place])
    for name, (label, colour, style) in MARKS.items():
        value = float(controls.fixed[name][place])
        if np.isfinite(value):
            text = f"{label}: {value:.2f}"
            axes.axvline(value, color=colour, linestyle=style, linewidth=2, label=text)
    axes.axvline(0.5, color=CHANCE, linestyle=":", linewidth=1, label="chance: 0.50")
    axes.set(xlabel="roc_auc on unseen lines", ylabel="Random gene sets")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=8, frameon=False)
    axes.set_title(f"{drug}: {_verdict(card)}", fontsize=10, loc="left", x=-0.1)
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": ""})
    return picture.getvalue()


def _draw_cloud(axes: Axes, random: FloatArray) -> None:
    finite = random[np.isfinite(random)]
    if finite.size:
        label = f"{finite.size:,} random sets: mean {finite.mean():.2f}"
        axes.hist(finite, bins="auto", color=CLOUD, label=label)


def _verdict(card: Mapping[str, JsonFigure]) -> str:
    p_value, q_value = card["p"], card["q"]
    if not isinstance(p_value, float) or not isinstance(q_value, float):
        return str(p_value)
    return f"p {p_value:.3f} against random gene sets, q {q_value:.2f} over the drugs tested"
