"""The panel against lineage, all genes and the cloud of random gene sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import Reading, figure_at, figure_text
from models.cards.forest import Cloud, Forest, Row, draw_forest
from models.cards.fragment import Fragment
from models.cards.sentences import CONTROL_NAMES
from models.cards.tables import table

ROC_AUC = "roc_auc on unseen lines (0.5 is chance, higher is better)"
LOOKS = {
    "panel": ("panel", "circle"),
    "panel_alone": ("panel", "diamond"),
    "lineage": ("lineage", "square"),
    "covariates": ("lineage", "diamond"),
    "all_genes": ("other", "triangle"),
}


def controls_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw the panel against the cloud of random gene sets, lineage and all genes."""
    rows = [
        Row("served classifier (nested evaluation)", figure_at(card, "roc_auc"), "panel", "circle"),
        Row(
            "lineage alone (nested evaluation)",
            figure_at(card, "lineage", "roc_auc"),
            "lineage",
            "square",
        ),
    ]
    controls = card.get("controls")
    if isinstance(controls, Mapping):
        rows += [
            Row(f"{name}", figure_at(card, "controls", key), *LOOKS.get(key, ("other", "diamond")))
            for key, name in CONTROL_NAMES.items()
        ]
    random = card.get("random")
    cloud = None
    if isinstance(random, Mapping) and random.get("percentiles"):
        name = f"{random['n_sets']:,} random gene sets, with lineage"
        cloud = Cloud(name, random["percentiles"], random["n_sets"])
    label = f"{card['drug']}: roc_auc of the gene sets, the controls and random gene sets."
    svg = draw_forest(
        Forest(
            label,
            ROC_AUC,
            tuple(rows),
            reference=(0.5, "chance"),
            cloud=cloud,
            guide=figure_at(card, "controls", "panel").value if cloud else None,
        )
    )
    return Fragment(
        "Gene sets against the controls",
        svg,
        _controls_table(card, rows),
        "Panel, controls and random gene sets run through the same estimator on the "
        "same folds; the dashed line leads the gene sets through the cloud. The served classifier "
        "is evaluated apart, with everything that serving does.",
    )


def _controls_table(card: Mapping[str, Any], rows: list[Row]) -> str:
    gains = {CONTROL_NAMES[key]: key for key in CONTROL_NAMES}
    written = []
    for row in rows:
        key = gains.get(row.name)
        gain = figure_at(card, "gains", key) if key and key != "panel" else Reading(None)
        if row.name.startswith("lineage alone (nested"):
            gain = figure_at(card, "lineage", "gain")
        shown = "" if not gain.known and not gain.reason else figure_text(gain, sign="+", digits=3)
        written.append((row.name, figure_text(row.reading, digits=3), shown))
    written.append(
        (
            "random gene sets: mean, range of 95% of the sets",
            _random_text(card),
            figure_text(figure_at(card, "random", "gain"), sign="+", digits=3),
        )
    )
    caption = "Figures with 95% intervals. Gain: of the gene sets with lineage over the row."
    return table(caption, ("features", "roc_auc", "gain over it"), written, numbers=(1, 2))


def _random_text(card: Mapping[str, Any]) -> str:
    mean, low, high = (figure_at(card, "random", name) for name in ("mean", "low", "high"))
    return figure_text(Reading(mean.value, low.value, high.value, mean.reason), digits=3)
