"""Which claims agree with what a gene did to an answer, and which oppose it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import orjson

from features.claims import Claim
from features.gene_sets import Direction
from models.claim_matches import ClaimMatches

MOST_DRUGS, MOST_TAILS = 2_000, 4
# By sign, -1 at the end.
DIRECTIONS: tuple[Direction | None, ...] = (None, "sensitivity", "resistance")
N_SIGNS = len(DIRECTIONS)


class ClaimIndex:
    """Claims by drug, entry and direction, kept once they were looked up.

    Parameters
    ----------
    claims
        Every claim of the literature.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        claims = tuple(claims)
        self._matches = lru_cache(MOST_DRUGS)(lambda drug: ClaimMatches.of(drug, claims))
        self.tails = lru_cache(MOST_TAILS)(lambda drugs, names: Tails(self, drugs, names))

    def found(
        self, drug: str, entry: str, direction: Direction | None
    ) -> dict[str, tuple[str, ...]]:
        """Ids of the claims that agree, and of those that oppose."""
        agreement = self._matches(drug).compare(entry, direction)
        return {"agreeing": _ids(agreement.agreeing), "opposing": _ids(agreement.opposing)}


class Tails(dict[int, bytes]):
    """What the JSON of an entry ends with: a direction, and the claims about it.

    By (place of the drug * number of entries + place of the entry) * `N_SIGNS` + the sign, where -1
    counts as `N_SIGNS` - 1; made when it is first asked for.

    Parameters
    ----------
    claims
        Where claims are looked up.
    drugs, names
        Those that places count in.
    """

    def __init__(self, claims: ClaimIndex, drugs: tuple[str, ...], names: tuple[str, ...]) -> None:
        super().__init__()
        self._claims, self._drugs, self._names = claims, drugs, names
        self._made: dict[bytes, bytes] = {}

    def __missing__(self, at: int) -> bytes:
        """Encode what is asked for the first time; most of it is the same few bytes."""
        pair, sign = divmod(at, N_SIGNS)
        of, place = divmod(pair, len(self._names))
        direction = DIRECTIONS[sign]
        found = self._claims.found(self._drugs[of], self._names[place], direction)
        made = b'%b,"claims":%b}' % (orjson.dumps(direction), orjson.dumps(found))
        self[at] = made = self._made.setdefault(made, made)
        return made


def _ids(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(claim.claim_id for claim in claims)
