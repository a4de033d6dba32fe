"""What stands on the page of a report from the start: the verdict, and all that the card says."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from features.drug_classes import classes_of
from models.cards.card import card_of_bundle
from models.cards.sentences import verdict_sentences
from serving.bundles.served import ServedBundle
from serving.pages.evidence_strip import drug_address, known_drug
from serving.reports.choice import CHAMPION
from serving.reports.page_sections import HEADINGS, sections_of_card


def report_page(served: ServedBundle, drug: str, asked: str) -> dict[str, Any]:
    """Values of the page of a report; NotFoundError for a drug that is not known.

    Parameters
    ----------
    asked
        Which bundle the address names.
    """
    name = known_drug(served, drug)
    card = card_of_bundle(served.bundle.bundle, name)
    said, *others, reason = verdict_sentences(card)
    return {
        "drug": name,
        "classes": classes_of(name),
        "card": card,
        "verdict": said,
        "verdict_more": " ".join(others),
        "reason": reason,
        "headings": HEADINGS,
        "written": sections_of_card(card),
        "drug_address": drug_address(name),
        "bundle_words": _bundle_words(served),
        **_addresses(name, asked),
    }


def _addresses(drug: str, asked: str) -> dict[str, str]:
    quoted = quote(drug, safe="")
    query = "" if asked == CHAMPION else f"?{urlencode({'bundle': asked})}"
    return {
        "record_address": f"/v1/reports/{quoted}{query}",
        "html_address": f"/v1/reports/{quoted}.html{query}",
        "pdf_address": f"/v1/reports/{quoted}.pdf{query}",
        "pieces_address": f"/report-pieces/{quoted}{query}",
    }


def _bundle_words(served: ServedBundle) -> str:
    sha256 = f"sha256 {served.sha256[:12]}"
    return sha256 if served.version is None else f"version {served.version} ({sha256})"
