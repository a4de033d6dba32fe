"""Which drugs a claim about a class of drugs speaks of, in cell lines and in patients."""

from __future__ import annotations

from features.drug_classes import DRUG_CLASSES
from training.response import ResponseKind

__all__ = ["DRUG_CLASSES", "LIVER_PRODRUGS", "drugs_of_class"]

LIVER_PRODRUGS: dict[str, tuple[str, ...]] = {
    "antimetabolite": ("Capecitabine",),  # L01BC06
    "DNA-damaging chemotherapy": ("Cyclophosphamide", "Ifosfamide", "Dacarbazine"),  # L01AA, L01AX
    "chemotherapy": ("Capecitabine", "Cyclophosphamide", "Ifosfamide", "Dacarbazine"),
}
"""Drugs that enzymes of the liver make active: their response in a dish says nothing of them."""


def drugs_of_class(drug_class: str, kind: ResponseKind) -> tuple[str, ...]:
    """Drugs that stand for a class, prodrugs in patients only; none where no drug can."""
    prodrugs = LIVER_PRODRUGS.get(drug_class, ()) if kind == "clinical_response" else ()
    return (*DRUG_CLASSES.get(drug_class, ()), *prodrugs)
