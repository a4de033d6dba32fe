"""The claims of the literature, as records; they do not depend on the bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cached_property
from typing import TYPE_CHECKING

from features.claims import Claim, claims_about, contradictions, load_claims
from serving.catalogue.drugs import find_name
from serving.catalogue.listing import Listing, Record
from serving.errors import NotFoundError

if TYPE_CHECKING:
    from serving.catalogue.queries import ClaimQuery

COLUMNS = (*(field.name for field in fields(Claim)), "contradicted_by")
SEARCHED = ("statement", "context", "reference")


class ClaimCatalogue:
    """All claims, read when they are first asked for."""

    def list(self, query: ClaimQuery) -> Listing:
        """List the claims that fit, in the order of the reviews."""
        fitting = claims_about(
            self._claims,
            gene=self._known_gene(query.gene),
            process=query.process,
            drug=query.drug,
            drug_class=query.drug_class,
        )
        records = [self._records[claim.claim_id] for claim in fitting]
        return Listing(
            [record for record in records if _fits(record, query)], self.version, COLUMNS
        )

    def describe(self, claim_id: str) -> Record:
        """Give one claim by its id; NotFoundError where there is none."""
        if claim_id in self._records:
            return self._records[claim_id]
        raise NotFoundError(
            "There is no such claim.",
            needed="the claim_id of a claim.",
            remedy="look it up at /v1/claims.",
        )

    @cached_property
    def version(self) -> str:
        """Hash of all claims."""
        return hashlib.sha256(repr(self._claims).encode()).hexdigest()

    @cached_property
    def _claims(self) -> tuple[Claim, ...]:
        return load_claims()

    @cached_property
    def _records(self) -> Mapping[str, Record]:
        return {
            claim.claim_id: {
                **asdict(claim),
                "contradicted_by": list(self._opposing.get(claim.claim_id, ())),
            }
            for claim in self._claims
        }

    @cached_property
    def _opposing(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the claims that state the opposite, by claim id."""
        return {
            claim.claim_id: tuple(
                other.claim_id
                for other in group
                if other.direction_when_high != claim.direction_when_high
            )
            for group in contradictions(self._claims).values()
            for claim in group
        }

    def _known_gene(self, gene: str | None) -> str | None:
        if gene is None:
            return None
        known = tuple({claim.gene for claim in self._claims if claim.gene is not None})
        return find_name(gene, known) or gene


def _fits(record: Record, query: ClaimQuery) -> bool:
    if query.direction is not None and record["direction_when_high"] != query.direction:
        return False
    if query.contradictions and not record["contradicted_by"]:
        return False
    search = (query.search or "").casefold()
    return any(search in (record[name] or "").casefold() for name in SEARCHED)
