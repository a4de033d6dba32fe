"""The claims of the literature, in the words of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from features.claims import Claim, contradictions, load_claims


def claims_page() -> dict[str, Any]:
    """Values of the page of claims."""
    rows = _rows()
    drugs = {row["drug"] for row in rows if row["drug"]}
    return {"rows": rows, "drugs": sorted(drugs, key=str.casefold)}


@cache
def _rows() -> tuple[Mapping[str, Any], ...]:
    claims = load_claims()
    opposing = {
        claim.claim_id: [
            (other.claim_id, other.cancer or other.drug or "any cancer")
            for other in group
            if other.direction_when_high != claim.direction_when_high
        ]
        for group in contradictions(claims).values()
        for claim in group
    }
    return tuple(_row(claim, opposing.get(claim.claim_id, [])) for claim in claims)


def _row(claim: Claim, opposing: list[tuple[str, str]]) -> dict[str, Any]:
    subject = claim.gene or _plain(claim.process) or claim.agent or "not stated"
    return {
        "id": claim.claim_id,
        "subject": subject,
        "change": claim.change,
        "agent": claim.agent if subject != claim.agent else None,
        "drug": claim.drug,
        "drug_class": claim.drug_class,
        "cancer": claim.cancer,
        "effect": claim.effect,
        "direction": claim.direction_when_high,
        "evidence": claim.evidence,
        "statement": claim.statement,
        "context": claim.context,
        "source": ", ".join(filter(None, (claim.reference, claim.source_file, claim.section))),
        "opposing": opposing,
    }


def _plain(name: str | None) -> str | None:
    return None if name is None else name.replace("_", " ")
