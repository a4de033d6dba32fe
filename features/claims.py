"""The claims of the three reviews, and which of them speak of a gene, a process or a drug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from features.claim_table import (
    CHANGES,
    EVIDENCE,
    TESTABLE,
    Change,
    Claim,
    direction_when_high,
    parse_claims,
    read_claims,
)
from features.gene_sets import Direction

__all__ = [
    "CHANGES",
    "EVIDENCE",
    "TESTABLE",
    "Agreement",
    "Change",
    "Claim",
    "claims_about",
    "compare_direction",
    "contradictions",
    "direction_when_high",
    "load_claims",
    "parse_claims",
    "read_claims",
]

OXPHOS = "oxphos"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Claims sorted by what they say of an observed direction.

    Attributes
    ----------
    agreeing, opposing
        Claims of the same direction, and of the opposite one.
    silent
        Claims from which no direction of expression follows (phosphorylation, agents, mutations).
    """

    agreeing: tuple[Claim, ...]
    opposing: tuple[Claim, ...]
    silent: tuple[Claim, ...]


def load_claims() -> tuple[Claim, ...]:
    """Load the claims of the three reviews in `shared/seeds`, grouped by review."""
    table = files("features") / "data" / "claims.tsv"
    return parse_claims(table.read_text(encoding="utf-8"), name="claims.tsv")


def claims_about(
    claims: Iterable[Claim],
    *,
    gene: str | None = None,
    process: str | None = None,
    drug: str | None = None,
    drug_class: str | None = None,
) -> tuple[Claim, ...]:
    """Keep the claims about all that is given, in their order.

    Parameters
    ----------
    gene
        Approved symbol, matched as it is.
    process
        A gene set's name or a free term; claims about "oxphos" are about each of its complexes.
    drug
        Claims that name it; case and punctuation do not matter.
    drug_class
        Claims about drugs of the class. With `drug`, claims that name no drug but this class are
        kept beside those that name the drug.
    """
    return tuple(
        claim
        for claim in claims
        if (gene is None or claim.gene == gene)
        and (process is None or _covers(claim.process, process))
        and _fits_drug(claim, drug, drug_class)
    )


def compare_direction(claims: Iterable[Claim], observed: Direction) -> Agreement:
    """Sort claims by whether they agree with an observed direction.

    Parameters
    ----------
    claims
        Claims about what was observed, as from `claims_about`.
    observed
        What higher expression went with, say by the sign of an attribution or a correlation.
    """
    sorted_by: dict[str, list[Claim]] = {"agreeing": [], "opposing": [], "silent": []}
    for claim in claims:
        if claim.direction_when_high is None:
            sorted_by["silent"].append(claim)
        else:
            agrees = claim.direction_when_high == observed
            sorted_by["agreeing" if agrees else "opposing"].append(claim)
    return Agreement(**{name: tuple(found) for name, found in sorted_by.items()})


def contradictions(claims: Iterable[Claim]) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """Find what the claims disagree on.

    Returns
    -------
    dict
        (gene or process, drug class) to its claims that have a direction, where both directions
        occur among them.
    """
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if claim.subject is not None and claim.direction_when_high is not None:
            groups.setdefault((claim.subject, claim.drug_class), []).append(claim)
    return {
        key: tuple(group)
        for key, group in groups.items()
        if len({claim.direction_when_high for claim in group}) > 1
    }


def _covers(claimed: str | None, wanted: str) -> bool:
    """Whether a claim about a process speaks of the one that is wanted."""
    return claimed == wanted or (claimed == OXPHOS and wanted.startswith(f"{OXPHOS}_complex_"))


def _fits_drug(claim: Claim, drug: str | None, drug_class: str | None) -> bool:
    if drug is None:
        return drug_class is None or claim.drug_class == drug_class
    if claim.drug is None:
        return drug_class is not None and claim.drug_class == drug_class
    return _plain(claim.drug) == _plain(drug)


def _plain(drug: str) -> str:
    return "".join(letter for letter in drug.casefold() if letter.isalnum())
