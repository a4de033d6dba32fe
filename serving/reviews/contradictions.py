"""Claims of the literature that the cohort, or the classifier, speaks against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from features.claims import Claim
from features.gene_sets import Direction
from models.cards.figures import read_figure
from models.claim_matches import ClaimMatches
from serving.reviews.dependence import Dependence
from serving.reviews.entry_weights import EntryWeight


@dataclass(slots=True)
class Contradiction:
    """What speaks against the claims about one subject.

    Attributes
    ----------
    share
        Weight of the subject in the drug's answers, 0 to 1; 0 where it is none of the weightiest.
    by_cohort
        Claims of which the cohort shows the opposite, within lineages, with figures (JSON).
    by_classifier
        Claims against which the classifier leans, where it agrees with no claim.
    direction
        What higher expression goes with in the classifier.
    dependence
        Attribution against value, where the subject is one of the weightiest.
    """

    share: float = 0.0
    by_cohort: list[dict[str, Any]] = field(default_factory=list)
    by_classifier: list[dict[str, Any]] = field(default_factory=list)
    direction: Direction | None = None
    dependence: Dependence | None = None


def find_contradictions(
    matches: ClaimMatches, card: Mapping[str, Any], weights: Sequence[EntryWeight]
) -> dict[str, Contradiction]:
    """Find the subjects of contradicted claims about a drug or its classes.

    Parameters
    ----------
    card
        The evidence card, with the claims that were tested on the cohort.
    weights
        The drug's weightiest genes and sets.
    """
    found: dict[str, Contradiction] = {}
    claims = {claim.claim_id: claim for claim in matches.claims}
    for tested in _tested(card):
        if tested.get("verdict") == "disagree":
            of_subject = found.setdefault(str(tested["subject"]), Contradiction())
            of_subject.by_cohort.append(_of_cohort(tested, claims.get(str(tested["claim"]))))
    for one in weights:
        agreement = matches.compare(one.name, one.direction)
        if agreement.opposing and not agreement.agreeing:
            of_subject = found.setdefault(one.name, Contradiction())
            of_subject.by_classifier = [_told(claim) for claim in agreement.opposing]
            of_subject.direction = one.direction
        if one.name in found:
            found[one.name].share = one.share
            found[one.name].dependence = one.dependence
    return found


def _tested(card: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    claims = card.get("claims")
    return claims.get("tested", ()) if isinstance(claims, Mapping) else ()


def _of_cohort(tested: Mapping[str, Any], claim: Claim | None) -> dict[str, Any]:
    correlation = read_figure(tested.get("within_lineage"))
    told = _told(claim) if claim is not None else {"claim_id": tested["claim"]}
    figures = {
        "within_lineage": correlation.value,
        "within_lineage_low": correlation.low,
        "within_lineage_high": correlation.high,
        "q": read_figure(tested.get("q")).value,
    }
    return {"direction_when_high": tested.get("direction_when_high"), **told, **figures}


def _told(claim: Claim) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "statement": claim.statement,
        "direction_when_high": claim.direction_when_high,
        "reference": claim.reference,
    }
