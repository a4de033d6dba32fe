"""Which claims agree with what a gene did to an answer, and which oppose it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from features.claims import Claim
from features.gene_sets import Direction
from models.claim_matches import ClaimMatches

MOST_DRUGS, MOST_LOOKUPS = 2_000, 200_000
Found = dict[str, tuple[str, ...]]
NONE: Found = {"agreeing": (), "opposing": ()}


class ClaimIndex:
    """Claims by drug, entry and direction, kept once they were looked up.

    Parameters
    ----------
    claims
        Every claim of the literature.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims = tuple(claims)
        self._matches = lru_cache(MOST_DRUGS)(lambda drug: ClaimMatches.of(drug, self._claims))
        self.found = lru_cache(MOST_LOOKUPS)(self._found)

    def _found(self, drug: str, entry: str, direction: Direction | None) -> Found:
        """Ids of the claims that agree, and of those that oppose."""
        agreement = self._matches(drug).compare(entry, direction)
        if not (agreement.agreeing or agreement.opposing):
            return NONE
        return {"agreeing": _ids(agreement.agreeing), "opposing": _ids(agreement.opposing)}


def _ids(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(claim.claim_id for claim in claims)
