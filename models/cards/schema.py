"""The published JSON Schema of an evidence card: meaning, unit and direction of every field.

The schema is strict: a field that it does not describe is not valid, so that nothing enters a card
undescribed.
"""

from __future__ import annotations

from typing import Any

from models.cards.card import SCHEMA_VERSION
from models.cards.schema_comparisons import (
    controls,
    external,
    gains,
    label_robustness,
    leave_lineage_out,
    random_sets,
)
from models.cards.schema_context import claims, domain, label_card, leak, stability
from models.cards.schema_parts import (
    HIGHER,
    LOWER,
    NONE,
    Json,
    band,
    choice,
    count,
    definitions,
    figure,
    flag,
    interval,
    items,
    map_of,
    number,
    or_reason,
    record,
    text,
)
from models.cards.schema_probabilities import calibration, calibration_choice, coverage

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME = "evidence-card.schema.json"
PAIRS = "share of pairs of a sensitive and a resistant line, 0 to 1, 0.5 is chance"


def card_schema() -> Json:
    """Build the schema (draft 2020-12); `docs/schemas/evidence-card.schema.json` is its copy."""
    whole = record(
        "What is known about how well one drug's classifier works. Every figure is a number, an "
        "object with a value and its 95% interval, or a text `not estimable: reason` or `not run: "
        "how to run it`; no figure is ever made up.",
        _fields(),
    )
    return {
        "$schema": DRAFT,
        "$id": f"urn:cupromark:schema:evidence-card:{SCHEMA_VERSION}",
        "title": "cupromark evidence card",
        **whole,
        "$defs": definitions(),
    }


def _fields() -> dict[str, Json]:
    return {
        **_identity(),
        **_ranking(),
        "controls": or_reason(controls()),
        "gains": or_reason(gains()),
        "random": or_reason(random_sets()),
        "p": figure("Empirical p against the random gene sets: (r + 1) / (n + 1).", "share", LOWER),
        "q": figure(
            "Benjamini-Hochberg q of p over all drugs of the run.", "expected share", LOWER
        ),
        "n_drugs_tested": or_reason(count("Drugs over which q was corrected.", "drugs")),
        **_probabilities(),
        "leave_lineage_out": or_reason(leave_lineage_out()),
        "label_robustness": or_reason(label_robustness()),
        "attribution_stability": or_reason(stability()),
        "lineage_leak": or_reason(leak()),
        "domain": or_reason(domain()),
        "claims": or_reason(claims()),
        "external": or_reason(external()),
        "label_card": label_card(),
        "not_run": items("Controls that were not run.", text("Name of a control.")),
    }


def _identity() -> dict[str, Json]:
    return {
        "schema_version": {
            "const": SCHEMA_VERSION,
            "description": "Version of this schema; it changes when a field changes its meaning.",
        },
        "drug": text("Name of the drug in the cohort."),
        "cohort": text("Name of the cohort that the classifier was learned from."),
        "simulated": flag("True when nothing of the cohort was ever measured."),
        "status": choice(
            "What the evidence amounts to, by the written rule of training/status.py.",
            ("supported", "exploratory", "withheld"),
        ),
        "status_reason": text("The sentence that explains the status."),
        "n_lines": count("Lines on which the drug was measured.", "lines"),
        "n_sensitive": count("Lines of these that are labelled sensitive.", "lines"),
        "n_groups": count("Patients that these lines come from.", "patients"),
        "n_cohort_lines": or_reason(count("Lines of the cohort.", "lines")),
        "measured_fraction": figure(
            "Share of the cohort's lines on which the drug was measured.", "share, 0 to 1", HIGHER
        ),
    }


def _ranking() -> dict[str, Json]:
    return {
        "roc_auc": figure(
            "roc_auc of what is served, on unseen lines, in folds grouped by patient.",
            PAIRS,
            HIGHER,
        ),
        "seed_band": band("Lowest and highest roc_auc over the seeds of the folds.", PAIRS, HIGHER),
        "average_precision": figure(
            "Average precision on unseen lines; about `prevalence` by chance.",
            "share, 0 to 1",
            HIGHER,
        ),
        "average_precision_seed_band": or_reason(
            band("Lowest and highest average precision over the seeds.", "share, 0 to 1", HIGHER),
            null=True,
        ),
        "prevalence": interval("Share of sensitive lines.", "share, 0 to 1", NONE),
        "lineage": record(
            "Lineage alone in the nested evaluation, on the same folds.",
            {
                "roc_auc": figure("roc_auc of lineage alone.", PAIRS, NONE),
                "gain": figure(
                    "roc_auc of what is served minus that of lineage alone, over the same draws of "
                    "patients.",
                    "difference of roc_auc, -1 to 1",
                    HIGHER,
                ),
            },
        ),
        "estimators_in_folds": map_of(
            "How often each family of estimators was chosen over folds and seeds.",
            count("Folds.", "folds"),
        ),
        "inner_roc_auc": map_of(
            "Mean roc_auc over inner folds of the best setting of each family, on all lines. It "
            "chose the family, and is no figure of unseen lines.",
            number("Mean roc_auc.", PAIRS, HIGHER),
        ),
    }


def _probabilities() -> dict[str, Json]:
    return {
        "brier": figure(
            "Mean squared distance of the probability from what happened, on unseen lines.",
            "0 to 1",
            LOWER,
        ),
        "prevalence_brier": number(
            "Brier score of promising every line the prevalence.", "0 to 1", LOWER
        ),
        "expected_calibration_error": figure(
            "Mean gap between promised and observed share of sensitive lines, in ten bins of equal "
            "count; the interval is of a bootstrap moved onto the figure.",
            "share, 0 to 1",
            LOWER,
        ),
        "calibration": calibration(),
        "calibration_choice": calibration_choice(),
        "coverage": coverage(),
    }


def described(schema: Any, path: str = "") -> dict[str, str]:
    """List every field of a schema with its description: path -> text."""
    found: dict[str, str] = {}
    for name, field in schema.get("properties", {}).items():
        place = f"{path}.{name}".lstrip(".")
        found[place] = str(field.get("description", ""))
        for part in (field, *field.get("anyOf", ()), field.get("items", {})):
            found |= described(part, place)
        inside = field.get("additionalProperties")
        if isinstance(inside, dict):
            found |= described(inside, f"{place}.*")
    return found
