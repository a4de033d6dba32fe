"""The whole evidence card of a drug, as files, pages and programs see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.bundle import Bundle

SCHEMA_VERSION = 1
NOT_RUN = (
    "not run: `cupromark evidence run`, or `cupromark train` with --random-sets, fills this in"
)
FROM_CONTROLS = (
    *("n_cohort_lines", "measured_fraction", "controls", "gains", "random", "p", "q"),
    *("n_drugs_tested", "leave_lineage_out", "label_robustness", "attribution_stability"),
    *("lineage_leak", "domain", "claims", "external"),
)
"""Fields that need the controls; without them each says so."""


def whole_card(
    evidence_card: Mapping[str, Any],
    *,
    drug: str,
    cohort: str,
    simulated: bool,
    status: str,
    label_card: Mapping[str, Any],
) -> dict[str, Any]:
    """Put what is known about a drug's classifier into one object.

    Parameters
    ----------
    evidence_card, label_card
        As a `models.drug_model.DrugModel` holds them.

    Returns
    -------
    dict
        Valid under `models.cards.schema.card_schema`; a field that needs controls which were not
        run holds a text that says so.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "drug": drug,
        "cohort": cohort,
        "simulated": simulated,
        "status": status,
        **dict.fromkeys(FROM_CONTROLS, NOT_RUN),
        **evidence_card,
        "label_card": dict(label_card),
    }


def card_of_bundle(bundle: Bundle, drug: str) -> dict[str, Any]:
    """Give the card of a drug that a bundle serves; KeyError for another drug."""
    model = bundle.drugs[drug]
    return whole_card(
        model.evidence_card,
        drug=drug,
        cohort=bundle.cohort,
        simulated=bundle.simulated,
        status=model.status,
        label_card=model.label_card,
    )
