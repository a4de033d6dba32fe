"""The claims ledger of one drug: every claim about it or its class, with what the data say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from features.claims import OXPHOS, Claim
from features.gene_sets import Direction
from models.attribution import GeneDirection
from models.cards.figures import Reading, read_figure
from models.reports.content import ClaimRow

VERDICTS = ("contradicted", "supported", "inconclusive", "not tested", "not testable")
OF_CARD = {"agree": "supported", "disagree": "contradicted", "inconclusive": "inconclusive"}
NOT_MEASURED = "the cohort does not measure"
LedgerRow = Mapping[str, Any]


def claim_rows(
    claims: Sequence[Claim],
    *,
    card: Mapping[str, Any],
    ledger: Mapping[str, LedgerRow] | None,
    directions: Mapping[str, GeneDirection],
    subjects: Collection[str],
) -> tuple[ClaimRow, ...]:
    """Give every claim about a drug its verdict: of the ledger, else of the evidence card.

    Parameters
    ----------
    claims
        Those about the drug and its classes.
    ledger
        Claim id -> row with the columns of `cupromark claims test`; None without a ledger.
    directions
        Gene -> which way the classifier leans.
    subjects
        Genes and gene sets that the cohort measures.

    Returns
    -------
    tuple of ClaimRow
        By verdict in the order of `VERDICTS`, then by subject.
    """
    tested = _tested(card)
    rows = [
        _of_ledger(claim, ledger[claim.claim_id], directions)
        if ledger is not None and claim.claim_id in ledger
        else _of_card(claim, tested.get(claim.claim_id), directions, subjects)
        for claim in claims
    ]
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                VERDICTS.index(row.verdict),
                row.claim.drug is None,
                str(row.claim.subject),
                row.claim.claim_id,
            ),
        )
    )


def _tested(card: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    claims = card.get("claims")
    return {one["claim"]: one for one in claims["tested"]} if isinstance(claims, Mapping) else {}


def _of_ledger(claim: Claim, row: LedgerRow, directions: Mapping[str, GeneDirection]) -> ClaimRow:
    verdict, _, reason = str(row.get("verdict", "")).partition(": ")
    names = ("within_lineage", "within_lineage_low", "within_lineage_high")
    value, low, high = (_number(row.get(name)) for name in names)
    n_lines = _number(row.get("n_lines"))
    return ClaimRow(
        claim,
        verdict if verdict in VERDICTS else "not tested",
        reason,
        Reading(value, low, high),
        None if n_lines is None else int(n_lines),
        _number(row.get("q_value")),
        _leaning(claim, directions),
    )


def _of_card(
    claim: Claim,
    tested: Mapping[str, Any] | None,
    directions: Mapping[str, GeneDirection],
    subjects: Collection[str],
) -> ClaimRow:
    leaning = _leaning(claim, directions)
    if tested is None:
        verdict, reason = _untested(claim, subjects)
        return ClaimRow(claim, verdict, reason, Reading(None), None, None, leaning)
    figure = read_figure(tested.get("within_lineage"))
    verdict = OF_CARD.get(str(tested.get("verdict")), "not tested")
    return ClaimRow(claim, verdict, "", figure, None, _number(tested.get("q")), leaning)


def _untested(claim: Claim, subjects: Collection[str]) -> tuple[str, str]:
    """Say why there is no figure, as far as the claim and the cohort's genes tell."""
    if claim.subject is None:
        return "not testable", "it names an agent, no gene or process"
    if not claim.rests_on_expression:
        hint = claim.testable_hint
        return "not testable", "it states no direction" if hint == "expression" else hint
    of_oxphos = claim.subject == OXPHOS and any(one.startswith(OXPHOS) for one in subjects)
    if claim.subject not in subjects and not of_oxphos:
        return "not testable", f"{NOT_MEASURED} {claim.subject}"
    return "not tested", "no ledger was given, and the evidence card does not hold it"


def _leaning(claim: Claim, directions: Mapping[str, GeneDirection]) -> Direction | None:
    one = directions.get(claim.gene or "")
    return one.direction if one else None


def _number(value: Any) -> float | None:
    """Read a number of JSON, or of a cell of CSV; None for what is empty."""
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
