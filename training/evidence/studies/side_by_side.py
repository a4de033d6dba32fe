"""Study `compare`: two bundles side by side, in tables, notes and a plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.evidence.studies.bundle_differences import BundleComparison, DrugDifference
from training.evidence.studies.forest import Forest
from training.evidence.studies.study import Study, about_code
from training.evidence.studies.tables import StudyTable, figure_text, number_text

MOST_CARDS_SHOWN = 40
NOTE = (
    "Differences are B minus A on the lines that both held out, with a bootstrap over patients "
    "that is shared by both bundles and all drugs. `better` and `worse` are about B's roc_auc, "
    "where q (Benjamini-Hochberg over the drugs) is below 0.05. A bundle that was chosen because "
    "it did best on these very lines is flattered by them."
)


def comparison_study(comparison: BundleComparison) -> Study:
    """Lay a comparison out for people."""
    first, second = comparison.first, comparison.second
    compared = {
        drug: one for drug, one in comparison.differences.items() if isinstance(one, DrugDifference)
    }
    reasons = {d: str(one) for d, one in comparison.differences.items() if d not in compared}
    tables = [_differences(compared)] if compared else []
    return Study(
        name="compare",
        title=f"Bundle B ({second['name']}) against bundle A ({first['name']})",
        about={"simulated": first["simulated"] or second["simulated"], **about_code()},
        figures=comparison.to_json(),
        tables=(*tables, _cards(comparison)),
        notes=(_summary(comparison), *_reasons(reasons), *_missing(comparison), NOTE),
        forest=_forest(compared) if compared else None,
    )


def _differences(compared: Mapping[str, DrugDifference]) -> StudyTable:
    rows = tuple(
        (
            drug,
            f"{one.n_shared_lines} ({one.n_sensitive})",
            figure_text(one.roc_auc, sign="+"),
            number_text(one.q),
            figure_text(one.brier, sign="+"),
            one.verdict,
        )
        for drug, one in _sorted(compared)
    )
    columns = ("drug", "lines (sensitive)", "roc_auc, B - A", "q", "Brier, B - A", "verdict")
    return StudyTable("Paired differences on the lines that both held out.", columns, rows)


def _cards(comparison: BundleComparison) -> StudyTable:
    rows = []
    for drug, cards in list(comparison.cards.items())[:MOST_CARDS_SHOWN]:
        for name, card in zip("AB", cards, strict=True):
            rows.append((drug, name, *map(_shown, _card_figures(card)), str(card["status"])))
    left_out = len(comparison.cards) - MOST_CARDS_SHOWN
    title = "Figures of both cards."
    if left_out > 0:
        title += f" {left_out} drugs are left out here; --json has all of them."
    columns = ("drug", "", "roc_auc", "lineage", "random sets", "q", "Brier", "coverage at 0.8")
    return StudyTable(title, (*columns, "status"), tuple(rows))


def _card_figures(card: Mapping[str, Any]) -> tuple[Any, ...]:
    lineage, random, coverage = card["lineage"], card["random"], card["coverage"]
    at_level = coverage.get("0.8", {}) if isinstance(coverage, dict) else {}
    return (
        card["roc_auc"],
        lineage.get("roc_auc") if isinstance(lineage, dict) else lineage,
        random.get("mean") if isinstance(random, dict) else random,
        card["q"],
        card["brier"],
        at_level.get("overall", coverage if isinstance(coverage, str) else "not run"),
    )


def _shown(figure: Any) -> str:
    if isinstance(figure, dict) and "value" in figure:
        figure = figure["value"]
    return f"{figure:.3f}" if isinstance(figure, float) else str(figure)


def _summary(comparison: BundleComparison) -> str:
    counts = ", ".join(f"{n} {verdict}" for verdict, n in comparison.counts.items())
    return (
        f"Verdicts on B: {counts}. Mean difference of roc_auc over the compared drugs: "
        f"{figure_text(comparison.mean_roc_auc, sign='+', digits=4)}; of the Brier score: "
        f"{figure_text(comparison.mean_brier, sign='+', digits=4)}."
    )


def _reasons(reasons: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence a reason, with the drugs that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for drug, reason in reasons.items():
        by_reason.setdefault(reason, []).append(drug)
    return tuple(f"{', '.join(drugs)}: {reason}." for reason, drugs in by_reason.items())


def _missing(comparison: BundleComparison) -> tuple[str, ...]:
    sides = (("A", comparison.only_first), ("B", comparison.only_second))
    return tuple(f"Only in {name}: {', '.join(drugs)}." for name, drugs in sides if drugs)


def _forest(compared: Mapping[str, DrugDifference]) -> Forest:
    rows = tuple((drug, one.roc_auc) for drug, one in _sorted(compared))
    axis = "roc_auc of B minus that of A, on the lines that both held out"
    return Forest("Bundle B against bundle A", axis, 0.0, rows)


def _sorted(compared: Mapping[str, DrugDifference]) -> list[tuple[str, DrugDifference]]:
    return sorted(compared.items(), key=lambda row: -row[1].roc_auc.value)
