"""Where the claims of the literature come from, with an address to look each source up.

Nothing is fetched: the addresses are links, which whoever reads a page may follow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote_plus

from features.claims import Claim, load_claims

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/?term="
HUANG = (
    "Mitochondrial dynamics in cisplatin resistance: molecular mechanisms and therapeutic targeting"
)
# As docs/gene-sets.md names them; of the third review no title is known.
REVIEWS: Mapping[str, tuple[str, str]] = {
    "mitochondrial-dynamics-cisplatin.txt": (
        "Huang et al., Mitochondrial dynamics in cisplatin resistance",
        f"{PUBMED}{quote_plus(HUANG)}",
    ),
    "mechanisms-of-drug-resistance.txt": (
        "Al-Mutairi, doi:10.37421/2952-8100.2025.8.557",
        "https://doi.org/10.37421/2952-8100.2025.8.557",
    ),
}
AUTHOR_AND_YEAR = re.compile(r"([A-Z][^\W\d_]+(?:[- ][A-Z][^\W\d_]+)?)\b.*?\b((?:19|20)\d\d)")


@cache
def claims_with_sources() -> Mapping[str, Mapping[str, Any]]:
    """Claims by id, each in plain words with its sources (JSON)."""
    return {claim.claim_id: _told(claim) for claim in load_claims()}


def _told(claim: Claim) -> dict[str, Any]:
    return {
        "subject": claim.gene or (claim.process or claim.agent or "").replace("_", " "),
        "statement": claim.statement,
        "direction": claim.direction_when_high,
        "about": ", ".join(filter(None, (claim.drug or claim.drug_class, claim.cancer))),
        "context": claim.context,
        "evidence": claim.evidence,
        "source": ", ".join(filter(None, (claim.source_file, claim.section))),
        "links": [{"words": words, "address": address} for words, address in _links(claim)],
    }


def _links(claim: Claim) -> list[tuple[str, str]]:
    links = []
    reference = claim.reference or ""
    found = AUTHOR_AND_YEAR.search(reference)
    if found is not None:
        about = claim.gene or claim.agent or claim.drug or ""
        sought = f"{found[1]}[au] {found[2]}[dp] {about}".strip()
        links.append((f"PubMed: {reference}", PUBMED + quote_plus(sought)))
    if claim.source_file in REVIEWS:
        words, address = REVIEWS[claim.source_file]
        number = f", reference {reference}" if reference and found is None else ""
        links.append((f"{words}{number}", address))
    return links
