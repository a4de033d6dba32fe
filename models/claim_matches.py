"""What the literature claims of the genes and sets that an answer rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from features.claims import OXPHOS, Agreement, Claim, claims_about, compare_direction
from features.drug_classes import classes_of
from features.gene_sets import Direction

NO_CLAIMS = Agreement((), (), ())


@dataclass(frozen=True, slots=True)
class ClaimMatches:
    """The claims that speak of one drug: those that name it, or a class of drugs that it is in.

    Attributes
    ----------
    claims
        In the order in which they were given, each once.
    subjects
        Genes and processes that they are about.
    """

    claims: tuple[Claim, ...]
    subjects: frozenset[str]

    @classmethod
    def of(cls, drug: str, claims: Iterable[Claim]) -> ClaimMatches:
        """Keep the claims about a drug."""
        listed = tuple(claims)
        kept = {
            claim.claim_id
            for drug_class in (None, *classes_of(drug))
            for claim in claims_about(listed, drug=drug, drug_class=drug_class)
        }
        ours = tuple(claim for claim in listed if claim.claim_id in kept)
        return cls(ours, frozenset(claim.subject for claim in ours if claim.subject))

    def compare(self, entry: str, observed: Direction | None) -> Agreement:
        """Sort the claims about a gene, or about a gene set, by an observed direction.

        Parameters
        ----------
        entry
            A gene or a gene set, or a feature such as "gene:FDX1" and "set:mitophagy".
        observed
            What higher expression goes with; None where the answer does not say.
        """
        name = entry.partition(":")[2] or entry
        part_of_whole = name.startswith(f"{OXPHOS}_") and OXPHOS in self.subjects
        if observed is None or not (name in self.subjects or part_of_whole):
            return NO_CLAIMS
        by_gene = claims_about(self.claims, gene=name)
        return compare_direction(by_gene or claims_about(self.claims, process=name), observed)
