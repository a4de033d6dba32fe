"""What a card says, in plain sentences: the verdict, the limits, the abbreviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.cards.figures import Reading, figure_at, figure_text

CONTROL_NAMES = {
    "panel": "gene sets and lineage",
    "panel_alone": "gene sets without lineage",
    "lineage": "lineage alone",
    "proliferation": "proliferation score alone",
    "covariates": "lineage and proliferation",
    "all_genes": "all genes and lineage",
    "shuffled_labels": "gene sets, shuffled labels",
}
STATUS_MEANS = {
    "supported": "the gene sets add something that lineage and random gene sets do not",
    "exploratory": "better than chance, but not shown to be better than the controls",
    "withheld": "not shown to be better than chance; answered only when asked for by name",
}
ABBREVIATIONS = {
    "roc_auc": "Area under the receiver operating characteristic curve: how often a sensitive line "
    "is ranked above a resistant one. 0.5 is chance, 1 is always.",
    "[a, b]": "95% interval: 2.5th to 97.5th percentile over draws of whole patients, unless a "
    "caption says otherwise.",
    "p": "Share of random gene sets that do at least as well, counting the panel itself as one "
    "of them: (r + 1) / (n + 1).",
    "q": "Benjamini-Hochberg: expected share of false finds if this drug and all with a lower p "
    "were called finds.",
    "Brier": "Mean squared distance of the promised probability from what happened; lower is "
    "better.",
    "calibration error": "Mean gap between promised and observed share of sensitive lines, in ten "
    "bins of equal count; lower is better.",
    "conformal set": "The labels that the evidence does not rule out at a level; both labels "
    "together are no call.",
    "lineage": "Tissue that a line comes from (OncotreeLineage, or type of cancer of a patient).",
    "IC50": "Concentration that halves the growth; low is sensitive. ln: natural logarithm; µM: "
    "micromole a litre.",
    "nested evaluation": "Everything that serving learns, the choice of estimator and calibration "
    "included, is learned anew inside every fold.",
    "rank ridge": "Ridge regression on the rank of the response, for lineages that were left out, "
    "other cohorts and the stability of attributions.",
}


def verdict_sentences(card: Mapping[str, Any]) -> list[str]:
    """Say what the status is, what the classifier does on unseen lines, and what is lacking."""
    status = str(card["status"])
    sentences = [f"{status.capitalize()}: {STATUS_MEANS.get(status, 'a status not known here')}."]
    roc_auc = figure_at(card, "roc_auc")
    if roc_auc.value is None:
        sentences.append(f"How well it ranks unseen lines is {roc_auc.reason}.")
    else:
        sentences.append(
            "On lines it had not seen, the classifier ranks a sensitive line above a resistant "
            f"one in {_percent(roc_auc)} of 100 pairs{_percent_interval(roc_auc)}; chance is 50."
        )
    sentences += [*_against_lineage(card), *_against_random(card)]
    return [*sentences, str(card.get("status_reason", ""))]


def limits(card: Mapping[str, Any]) -> list[str]:
    """Say what the card cannot promise, the weightiest first."""
    label = card.get("label_card", {})
    found = [
        "Simulated data: nothing of it was ever measured." if card.get("simulated") else "",
        _outside_range(label),
        _unmeasured(card),
        _few(card),
        _error(card),
        *(
            f"The control “{name}” was not run, so nothing is held against it."
            for name in card.get("not_run", ())
        ),
        "Every figure is about lines like those of the cohort; profiles unlike them are flagged "
        "when they are predicted, not answered better.",
        "Expression that is associated with sensitivity does not cause it. Research use only, "
        "not for decisions about patients.",
    ]
    return [sentence for sentence in found if sentence]


def summary_lines(card: Mapping[str, Any]) -> list[str]:
    """Give the card in some twenty lines of text, for a terminal."""
    figures: Sequence[tuple[str, str]] = (
        ("roc_auc on unseen lines", _text(card, "roc_auc")),
        ("average precision", _text(card, "average_precision")),
        ("  share of sensitive lines", _text(card, "prevalence")),
        ("lineage alone", _text(card, "lineage", "roc_auc")),
        ("gain over lineage", _text(card, "lineage", "gain", sign="+")),
        ("random gene sets, mean", _text(card, "random", "mean", digits=3)),
        ("gain over random sets", _text(card, "random", "gain", sign="+", digits=3)),
        ("p, q over drugs", f"{_text(card, 'p', digits=3)}, {_text(card, 'q', digits=3)}"),
        ("all genes and lineage", _text(card, "controls", "all_genes")),
        ("lineages left out", _text(card, "leave_lineage_out", "roc_auc")),
        ("Brier", _text(card, "brier", digits=3)),
        ("calibration error", _text(card, "expected_calibration_error", digits=3)),
        ("  if calibrated", _text(card, "calibration", "error_if_calibrated", digits=3)),
        ("calibration slope", _text(card, "calibration", "slope")),
        *(
            (f"coverage at 80%, {name}", _text(card, "coverage", "0.8", name))
            for name in ("sensitive", "resistant")
        ),
        ("second label method", _text(card, "label_robustness", "second_roc_auc")),
        ("attribution stability", _text(card, "attribution_stability", "panel")),
        ("claims agree/disagree/open", _claims(card)),
    )
    heading = f"{card['drug']} on {card['cohort']}: {card.get('n_lines', '?')} lines"
    return [
        heading,
        *verdict_sentences(card),
        "",
        *(f"{name:<28}{text}" for name, text in figures),
        "",
        *(f"- {sentence}" for sentence in limits(card)),
    ]


def _text(card: Mapping[str, Any], *path: str, sign: str = "", digits: int = 2) -> str:
    return figure_text(figure_at(card, *path), sign=sign, digits=digits)


def _claims(card: Mapping[str, Any]) -> str:
    claims = card.get("claims")
    if not isinstance(claims, Mapping):
        return str(claims)
    return " / ".join(str(claims[name]) for name in ("agree", "disagree", "inconclusive"))


def _percent(reading: Reading) -> str:
    return f"{100 * (reading.value or 0):.0f}"


def _percent_interval(reading: Reading) -> str:
    if reading.low is None or reading.high is None:
        return ""
    return f" (95% interval {100 * reading.low:.0f} to {100 * reading.high:.0f})"


def _against_lineage(card: Mapping[str, Any]) -> list[str]:
    gain = figure_at(card, "lineage", "gain")
    if gain.value is None:
        return [f"Its gain over lineage is {gain.reason}."]
    return [f"Its gain in roc_auc over lineage alone is {figure_text(gain, sign='+', digits=3)}."]


def _against_random(card: Mapping[str, Any]) -> list[str]:
    p_value, q_value = figure_at(card, "p"), figure_at(card, "q")
    if p_value.value is None:
        return [f"How random gene sets do is {p_value.reason}."]
    n_sets = card["random"]["n_sets"]
    n_drugs = card.get("n_drugs_tested", 1)
    as_good = round(p_value.value * (n_sets + 1)) - 1
    return [
        f"Of {n_sets:,} random gene sets of the same size and expression, {as_good:,} do at least "
        f"as well (p {p_value.value:.3f}, q {q_value.value or 0:.3f} over {n_drugs} drugs)."
    ]


def _outside_range(label: Mapping[str, Any]) -> str:
    if not label.get("outside_tested_range"):
        return ""
    return (
        "The cut-off between sensitive and resistant lies outside the concentrations that were "
        "tested: it rests on extrapolated curves."
    )


def _unmeasured(card: Mapping[str, Any]) -> str:
    fraction = figure_at(card, "measured_fraction")
    if fraction.value is None or fraction.value >= 0.8:
        return ""
    return (
        f"Only {100 * fraction.value:.0f}% of the cohort's lines were measured with this drug; "
        "which ones may not be chance."
    )


def _few(card: Mapping[str, Any]) -> str:
    n_sensitive = card.get("n_sensitive")
    if not isinstance(n_sensitive, int) or n_sensitive >= 50:
        return ""
    return f"{n_sensitive} sensitive lines are few: intervals are wide, small effects stay unseen."


def _error(card: Mapping[str, Any]) -> str:
    error = figure_at(card, "expected_calibration_error").value
    most = figure_at(card, "calibration", "error_if_calibrated").high
    if error is None or most is None or error <= most:
        return ""
    return "It is not calibrated: promised and observed shares differ by more than chance explains."
