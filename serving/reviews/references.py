"""References beside a judgement: a DOI, a PubMed id or an address, checked in form alone."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

LONGEST = 500
DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}/[!-~]+)", re.IGNORECASE)
PMID = re.compile(r"pmid:?\s*([1-9][0-9]{0,8})", re.IGNORECASE)


def parse_reference(text: str) -> str:
    """Write a reference in one form: doi:10..., pmid:123, or an address.

    Nothing is fetched: whether the reference exists is for people to see.

    Raises
    ------
    ValueError
        It is none of these. The message does not repeat it.
    """
    given = text.strip()
    if len(given) <= LONGEST:
        if found := DOI.fullmatch(given):
            return f"doi:{found[1]}"
        if found := PMID.fullmatch(given):
            return f"pmid:{found[1]}"
        if _is_address(given):
            return given
    raise ValueError("is no DOI (10.1000/xyz), PubMed id (pmid:123) or http(s) address")


def reference_address(reference: str) -> str:
    """Address at which a person may look a parsed reference up."""
    kind, _, name = reference.partition(":")
    if kind == "doi":
        return f"https://doi.org/{quote(name, safe='/:;().,-_')}"
    if kind == "pmid":
        return f"https://pubmed.ncbi.nlm.nih.gov/{name}/"
    return reference


def _is_address(text: str) -> bool:
    if not re.fullmatch(r"https?://[!-~]+", text, re.IGNORECASE):
        return False
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # A name before the host makes an address look like one of another host.
    return named and "@" not in parts.netloc and not re.search(r"[<>\"\\^`{|}]", text)
