"""The weightiest genes in panels: expression against attribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.cards.figures import number_text
from models.cards.fragment import Fragment
from models.cards.tables import table
from models.reports.content import Drivers, Entry
from models.reports.dependence_plot import Ground, draw_dependence

MOST_PANELS = 6
BLOOD = ("lymphoid", "myeloid", "blood", "leukemia", "lymphoma", "laml", "dlbc")


def dependence_panels(drug: str, drivers: Drivers) -> tuple[str, Fragment]:
    """Draw the weightiest genes in panels; the first of the pair is their markup, side by side."""
    shown = drivers.genes_alone[:MOST_PANELS]
    ground = _ground(drivers, shown)
    panels = [
        draw_dependence(one, ground, label=f"{drug}: {one.title}, expression against attribution.")
        for one in shown
    ]
    straight = (
        "The score is linear: dots lie on a line by construction, and its slope is the weight. "
        if drivers.is_linear
        else ""
    )
    caption = (
        f"Upwards: attribution in log-odds, above 0 towards sensitive. {straight}Squares in "
        "brown: lines of blood and lymph; grey dots: all others. Strips "
        "below: z of the lines measured sensitive (blue) and resistant (orange): thin, the middle "
        "90%; thick, the middle half; tick, the median. Strips that lie apart show a difference "
        "that needs no classifier."
    )
    fragment = Fragment("Expression against attribution", "", _class_table(drivers, shown), caption)
    return "".join(panels), fragment


def _class_table(drivers: Drivers, shown: Sequence[Entry]) -> str:
    rows = [(one.title, *_by_class(one, drivers)) for one in shown]
    columns = ("gene", "median z, sensitive", "median z, resistant", "roc_auc of the gene alone")
    return table("Expression of the lines measured with the drug", columns, rows,
                 numbers=(1, 2, 3))  # fmt: skip


def _by_class(entry: Entry, drivers: Drivers) -> tuple[str, str, str]:
    if drivers.is_sensitive is None:
        return "not kept", "not kept", "not kept"
    high, low = entry.value[drivers.is_sensitive], entry.value[~drivers.is_sensitive]
    if not (high.size and low.size):
        return "", "", ""
    wins = (high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()
    medians = (number_text(float(np.median(one)), sign="+") for one in (high, low))
    return (*medians, f"{wins:.2f}")  # type: ignore[return-value]


def _ground(drivers: Drivers, shown: Sequence[Entry]) -> Ground:
    z = np.concatenate([one.value for one in shown])
    given = np.concatenate([one.attribution for one in shown])
    room = 0.06 * float(np.ptp(given)) or 0.05
    return Ground(
        z_range=(float(z.min()) - 0.2, float(z.max()) + 0.2),
        attribution_range=(float(given.min()) - room, float(given.max()) + room),
        is_blood=np.array([_is_blood(one) for one in drivers.lineage], dtype=np.bool_),
        is_sensitive=drivers.is_sensitive,
    )


def _is_blood(lineage: str | None) -> bool:
    return lineage is not None and any(word in lineage.casefold() for word in BLOOD)
