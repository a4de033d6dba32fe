"""Forest plot of the measurements behind a ledger, as SVG."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.claims_testing.question import Question
from training.claims_testing.summary import interval_text
from training.claims_testing.verdict import VERDICTS
from training.metrics import Interval

# Okabe and Ito's colours, which colour-blind readers tell apart; shapes say the same once more.
SENSITIVITY, RESISTANCE, NEITHER, MARGINAL = "#0072B2", "#D55E00", "#5f6368", "#9aa0a6"
INCH_PER_ROW = 0.27
LONGEST_LABEL = 28
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cupromark",
    "font.family": "DejaVu Sans",  # matplotlib brings it; the page chooses its own
    "font.size": 9.5,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the plot: the head of a subject, or one of its measurements."""

    label: str
    verdicts: str = ""
    measurement: Measurement | None = None


def forest_svg(ledger: Ledger) -> str:
    """Draw every measurement with its interval, grouped by gene or process.

    Filled marks are correlations within lineages, on which the verdicts rest; grey ticks are those
    over all lines. Claims that rest on one measurement share its line.

    Returns
    -------
    str
        An `<svg>` element; empty where nothing was tested.
    """
    lines = _lines(ledger)
    if not lines:
        return ""
    with mpl.rc_context(_STYLE):
        height = INCH_PER_ROW * (len(lines) + 1)
        figure = Figure(figsize=(11.0, height + 0.95))
        bottom, top = 0.55 / (height + 0.95), 1 - 0.4 / (height + 0.95)
        axes = figure.add_axes((0.29, bottom, 0.37, top - bottom))
        _draw(axes, lines)
        picture = StringIO()
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(picture, format="svg", metadata=metadata, transparent=True)
    return _inline(picture.getvalue())


def _lines(ledger: Ledger) -> list[_Line]:
    by_subject: dict[str, list[tuple[Question, tuple[LedgerRow, ...]]]] = {}
    for question, rows in ledger.measurements().items():
        by_subject.setdefault(question.subject, []).append((question, rows))
    lines = []
    # Genes, which are written in capitals, before processes.
    for subject in sorted(by_subject, key=lambda name: (not name.isupper(), name)):
        question = by_subject[subject][0][0]
        measured = f"{len(question.genes)} of {question.n_set_genes} genes"
        lines.append(_Line(subject if question.n_set_genes == 1 else f"{subject} ({measured})"))
        lines += [_line(rows) for _, rows in by_subject[subject]]
    return lines


def _line(rows: tuple[LedgerRow, ...]) -> _Line:
    measurement = rows[0].measurement
    if not isinstance(measurement, Measurement):
        return _Line("")
    n_drugs = len(measurement.drugs)
    drugs = f"{n_drugs} drugs" if n_drugs > 1 else measurement.drugs[0]
    said_of = rows[0].claim
    of_class = "" if said_of.drug else f"{_shortened(said_of.drug_class)}: "
    name = f"{of_class}{_shortened(drugs)}"
    counts = Counter(row.verdict_word for row in rows)
    said = ", ".join(f"{counts[word]} {word}" for word in VERDICTS if counts[word])
    return _Line(f"{name}, {measurement.n_lines} lines", said, measurement)


def _draw(axes: Axes, lines: list[_Line]) -> None:
    reach = max(
        (max(abs(each.low), abs(each.high)) for line in lines for each in _intervals(line)),
        default=0.1,
    )
    limit = min(1.0, 1.08 * reach)
    axes.set(xlim=(-limit, limit), ylim=(len(lines) - 0.3, -0.9))
    axes.axvline(0, color="#202124", linewidth=0.9)
    for row, line in enumerate(lines):
        if line.measurement is None:
            _text(axes, -0.77, row, line.label, weight="bold")
        else:
            _draw_measurement(axes, row, line, line.measurement)
    _dress(axes)


def _draw_measurement(axes: Axes, row: int, line: _Line, measured: Measurement) -> None:
    within, marginal = measured.within_lineage, measured.effect_size
    colour, marker = _look(within)
    axes.axhline(row, color="#eceff1", linewidth=0.8, zorder=0)
    axes.plot([marginal.value], [row], marker="|", markersize=10, color=MARGINAL, linestyle="")
    axes.plot([within.low, within.high], [row, row], color=colour, linewidth=1.8)
    axes.plot([within.value], [row], marker=marker, markersize=6.5, color=colour, linestyle="")
    _text(axes, -0.745, row, line.label)
    _text(axes, 1.03, row, interval_text(within))
    _text(axes, 1.46, row, line.verdicts)


def _look(within: Interval) -> tuple[str, str]:
    """Colour and mark by the side on which the whole interval lies."""
    if within.low > 0:
        return SENSITIVITY, ">"
    if within.high < 0:
        return RESISTANCE, "<"
    return NEITHER, "o"


def _dress(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_yticks([])
    axes.set_xlabel("Spearman correlation of expression with sensitivity")
    head: dict[str, Any] = {
        "size": 9,
        "color": "#3c4043",
        "transform": axes.transAxes,
        "va": "bottom",
    }
    axes.text(0.48, 1.0, "\u25c2 high goes with resistance", ha="right", **head)
    axes.text(0.52, 1.0, "high goes with sensitivity \u25b8", ha="left", **head)
    axes.text(1.03, 1.0, "within lineages [95%]", ha="left", **head)
    axes.text(1.46, 1.0, "verdicts of the claims", ha="left", **head)


def _text(axes: Axes, x: float, row: int, text: str, *, weight: str = "normal") -> None:
    """Write beside the plot, at the height of a line; a dollar is a dollar."""
    axes.text(
        *(x, row, text),
        transform=axes.get_yaxis_transform(),
        va="center_baseline",
        weight=weight,
        parse_math=False,
    )


def _intervals(line: _Line) -> tuple[Interval, ...]:
    if line.measurement is None:
        return ()
    value = line.measurement.effect_size.value
    return (line.measurement.within_lineage, Interval(value, value, value))


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"


def _inline(svg: str) -> str:
    """Keep the element: no XML head, no metadata, and as wide as the page lets it be."""
    element = svg[svg.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    described = '<svg role="img" aria-label="Forest plot; the tables below hold its figures"'
    return element.replace("<svg", described, 1)
