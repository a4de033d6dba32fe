"""One drug in two bundles: figures, labels, what the classifiers rest on, and the same lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cards.figures import figure_at
from serving.bundles.served import ServedBundle
from serving.reports.compare import figures_of, labels_of, notes_on, side

Record = Mapping[str, Any]
FEWEST = 3
FIGURES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("roc_auc", "roc_auc", ("roc_auc",)),
    ("lineage_gain", "gain in roc_auc over lineage alone", ("lineage", "gain")),
    ("brier", "Brier score (0 is best)", ("brier",)),
    (
        "calibration_error",
        "expected calibration error (0 is best)",
        ("expected_calibration_error",),
    ),
    ("calibration_slope", "calibration slope (1 is best)", ("calibration", "slope")),
    ("calibration_intercept", "calibration intercept (0 is best)", ("calibration", "intercept")),
    ("coverage_sensitive", "sensitive lines in their set (80%)", ("coverage", "0.8", "sensitive")),
    ("coverage_resistant", "resistant lines in their set (80%)", ("coverage", "0.8", "resistant")),
    ("no_call", "share of no calls, at 80%", ("coverage", "0.8", "no_call_share")),
)


def compare_drug(
    drug: str, a: ServedBundle, b: ServedBundle, record_a: Record, record_b: Record
) -> dict[str, Any]:
    """Compare what two bundles say of a drug.

    Parameters
    ----------
    drug
        Name in both.
    record_a, record_b
        What `GET /v1/reports/{drug}` answers of each.
    """
    cards = record_a["evidence_card"], record_b["evidence_card"]
    models = a.bundle.bundle.drugs[drug], b.bundle.bundle.drugs[drug]
    drivers = record_a["drivers"], record_b["drivers"]
    has_both = drivers[0] is not None and drivers[1] is not None
    return {
        "drug": drug,
        "a": {**side(a), **_standing(record_a)},
        "b": {**side(b), **_standing(record_b)},
        "is_same": a.sha256 == b.sha256,
        "notes": notes_on(a, b),
        "figures": [
            {"name": name, "title": title, **figures_of(*(figure_at(one, *path) for one in cards))}
            for name, title, path in FIGURES
        ],
        "reliability": [_reliability(one) for one in cards],
        "labels": labels_of(*models),
        "genes": compare_entries(drivers[0]["genes"], drivers[1]["genes"]) if has_both else None,
        "sets": compare_entries(drivers[0]["sets"], drivers[1]["sets"]) if has_both else None,
        "lines": compare_lines(drivers[0]["lines"], drivers[1]["lines"]) if has_both else None,
        "missing": [*dict.fromkeys((*record_a["missing"], *record_b["missing"]))],
    }


def compare_entries(a: Sequence[Record], b: Sequence[Record]) -> dict[str, Any]:
    """Compare genes, or gene sets, by rank and by mean size of the attribution.

    Returns
    -------
    dict
        `rows`: the heaviest of either first; `coefficients`: how the log-odds per standard
        deviation of what is in both agree, None where a classifier is not linear; `sizes`: how the
        mean sizes agree, None below three in common.
    """
    places_a, places_b = _by_name(a), _by_name(b)
    names = sorted(
        {**places_a, **places_b},
        key=lambda name: min(places[name][0] for places in (places_a, places_b) if name in places),
    )
    common = [name for name in names if name in places_a and name in places_b]
    pairs = [(places_a[name][1], places_b[name][1]) for name in common]
    return {
        "n_common": len(common),
        "coefficients": _agreement(pairs, "log_odds_per_sd"),
        "sizes": _agreement([(x["mean_size"], y["mean_size"]) for x, y in pairs], "value"),
        "rows": [
            {
                "name": name,
                "title": (places_b.get(name) or places_a[name])[1]["title"],
                "kind": (places_b.get(name) or places_a[name])[1]["kind"],
                "a": _weight(places_a.get(name)),
                "b": _weight(places_b.get(name)),
            }
            for name in names
        ],
    }


def compare_lines(a: Record, b: Record) -> dict[str, Any]:
    """Set side by side what was predicted of lines in both while they were held out."""
    at_b = {name: at for at, name in enumerate(b["name"])}
    pairs = [(at, at_b[name]) for at, name in enumerate(a["name"]) if name in at_b]
    labels = [_column(one["is_sensitive"], at) for one, at in _sides(a, b, pairs)]
    probabilities = [_column(one["probability"], at) for one, at in _sides(a, b, pairs)]
    flips = 0
    if labels[0] is not None and labels[1] is not None:
        flips = sum(x != y for x, y in zip(labels[0], labels[1], strict=True))
    known = probabilities[0] is not None and probabilities[1] is not None
    return {
        "n_a": len(a["name"]),
        "n_b": len(b["name"]),
        "name": [a["name"][at] for at, _ in pairs],
        "lineage": [a["lineage"][at] for at, _ in pairs],
        "is_sensitive_a": labels[0],
        "is_sensitive_b": labels[1],
        "probability_a": probabilities[0],
        "probability_b": probabilities[1],
        "n_labels_changed": flips,
        "agreement": _correlations(*map(np.asarray, probabilities)) if known else None,
    }


def _sides(
    a: Record, b: Record, pairs: Sequence[tuple[int, int]]
) -> tuple[tuple[Record, list[int]], tuple[Record, list[int]]]:
    return (a, [first for first, _ in pairs]), (b, [second for _, second in pairs])


def _column(values: Sequence[Any] | None, places: Sequence[int]) -> list[Any] | None:
    return None if values is None else [values[at] for at in places]


def _standing(record: Record) -> dict[str, Any]:
    card = record["evidence_card"]
    return {
        "status": record["verdict"]["status"],
        "reason": record["verdict"]["reason"],
        "estimator": record["estimator"],
        "n_lines": card.get("n_lines"),
        "n_sensitive": card.get("n_sensitive"),
    }


def _reliability(card: Record) -> list[dict[str, Any]]:
    """Points of the calibration curve; none where the card has none."""
    calibration = card.get("calibration")
    found = calibration.get("reliability") if isinstance(calibration, Mapping) else None
    return list(found) if isinstance(found, list) else []


def _by_name(entries: Sequence[Record]) -> dict[str, tuple[int, Record]]:
    return {one["name"]: (rank, one) for rank, one in enumerate(entries, start=1)}


def _weight(found: tuple[int, Record] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    rank, entry = found
    return {
        "rank": rank,
        "mean_size": entry["mean_size"],
        "share": entry["share"],
        "direction": entry["direction"],
        "log_odds_per_sd": entry["log_odds_per_sd"],
    }


def _agreement(pairs: Sequence[tuple[Record, Record]], name: str) -> dict[str, Any] | None:
    """Correlate one number of each pair, where both have it and one of them is not 0."""
    known = [
        (float(x[name]), float(y[name]))
        for x, y in pairs
        if x[name] is not None and y[name] is not None and (x[name] or y[name])
    ]
    if not known:
        return None
    return _correlations(*(np.array(column) for column in zip(*known, strict=True)))


def _correlations(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, Any] | None:
    """Pearson's and Spearman's correlation; None below three pairs, or where one is constant."""
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return {
        "pearson": float(np.corrcoef(a, b)[0, 1]),
        "spearman": float(np.corrcoef(_ranks(a), _ranks(b))[0, 1]),
        "n": len(a),
    }


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2)[places]
    return ranks
