"""Figures with their intervals, one below the other, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from training.errors import TrainingError
from training.evidence.figures import Figure, NotEstimable
from training.metrics import Interval

LONGEST_NAME = 44
MOST_ROWS = 60
# Okabe and Ito's palette; what excludes the neutral value is filled, what does not is hollow.
SURE, UNSURE, NEUTRAL = "#0072B2", "#767676", "#9a9a9a"
FORMATS = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Forest:
    """What a forest plot shows.

    Attributes
    ----------
    axis
        What the figures are, with the direction.
    neutral
        Value that means nothing: 0 for a difference, 0.5 for a roc_auc.
    rows
        Name and figure, first on top; those without a number show their reason.
    """

    title: str
    axis: str
    neutral: float
    rows: tuple[tuple[str, Figure], ...]


def write_forest(forest: Forest, path: Path) -> None:
    """Draw a forest plot to an SVG or PNG file.

    Raises
    ------
    TrainingError
        The name ends in neither, or the file cannot be written.
    """
    check_plot_name(path)
    try:
        path.write_bytes(draw_forest(forest, format=path.suffix.lower().removeprefix(".")))
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that exists and may be written to.",
            remedy="check the path, its permissions and the free space.",
        ) from error


def check_plot_name(path: Path) -> None:
    """Refuse a name that says no format, before anything long is run."""
    if path.suffix.lower() not in FORMATS:
        raise TrainingError(
            f"A plot cannot be written to {path.name}.",
            needed=f"a name that ends in {' or '.join(FORMATS)}.",
            remedy="for example: plot.svg",
        )


def draw_forest(forest: Forest, *, format: str = "svg") -> bytes:
    """Draw a forest plot; the same figures give the same bytes.

    Rows beyond the first sixty are left out, and the title says how many.
    """
    rows = forest.rows[:MOST_ROWS]
    canvas = Canvas(figsize=(8.4, 1.3 + 0.26 * max(len(rows), 2)))
    axes = canvas.subplots()
    _draw_rows(axes, rows, forest.neutral)
    left_out = len(forest.rows) - len(rows)
    more = f" (first {MOST_ROWS}, {left_out} more left out)" if left_out else ""
    axes.set_title(forest.title + more, fontsize=10, loc="left")
    axes.set_xlabel(forest.axis, fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.tick_params(axis="x", labelsize=8)
    picture = BytesIO()
    metadata = {"Date": None} if format == "svg" else {"Software": ""}
    with rc_context({"svg.hashsalt": "cupromark"}):
        canvas.savefig(picture, format=format, dpi=110, bbox_inches="tight", metadata=metadata)
    return picture.getvalue()


def _draw_rows(axes: Axes, rows: Sequence[tuple[str, Figure]], neutral: float) -> None:
    axes.axvline(neutral, color=NEUTRAL, linestyle=":", linewidth=1)
    for at, (_, figure) in enumerate(rows):
        if isinstance(figure, NotEstimable):
            axes.text(neutral, at, str(figure), fontsize=7, va="center", color=UNSURE)
        elif isinstance(figure, Interval):
            sure = figure.low > neutral or figure.high < neutral
            colour = SURE if sure else UNSURE
            axes.plot([figure.low, figure.high], [at, at], color=colour, linewidth=1.4)
            filling = colour if sure else "white"
            axes.plot(figure.value, at, "o", color=colour, markerfacecolor=filling, markersize=5)
        else:
            axes.plot(figure, at, "D", color=UNSURE, markerfacecolor="white", markersize=4)
    names = [name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…" for name, _ in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
