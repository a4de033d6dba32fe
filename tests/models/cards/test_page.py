"""Pages: everything is in them, nothing runs, nothing is asked of a host, nothing breaks out."""

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from models.cards.fragments import card_figures
from models.cards.index_page import ORDERS, card_pages
from models.cards.page import card_page
from models.cards.style import standalone

HOSTILE = '<script>alert("1")</script>&\'"><img src=x>'


class Outline(HTMLParser):
    """Tags in their order, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_verdict_comes_first_and_every_plot_has_a_table(card: dict[str, Any]) -> None:
    page = card_page(card)
    outline = Outline(page)
    assert outline.open == []
    assert outline.tags.count("svg") == len(card_figures(card)) == 8
    assert outline.tags.count("table") >= outline.tags.count("svg")
    assert page.index("Exploratory:") < page.index("<svg")
    assert "in 74 of 100 pairs (95% interval 69 to 79)" in page
    assert "Of 1,000 random gene sets" in page
    assert "99 do at least as well (p 0.100, q 0.400 over 12 drugs)" in page


def test_nothing_runs_and_nothing_is_asked_of_a_host(card: dict[str, Any]) -> None:
    outline = Outline(card_page(card))
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(outline.tags)
    addresses = [value for name, value in outline.attributes if name in ("href", "src")]
    assert addresses == []
    assert not any(name.startswith("on") for name, _ in outline.attributes)


def test_whatever_a_card_holds_stays_text(card: dict[str, Any]) -> None:
    card |= {"drug": HOSTILE, "cohort": HOSTILE, "status_reason": HOSTILE, "status": HOSTILE}
    card["coverage"]["0.8"]["by_lineage"][HOSTILE] = {"value": 0.8, "low": 0.7, "high": 0.9}
    card["claims"]["tested"][0]["subject"] = HOSTILE
    card["external"][HOSTILE] = HOSTILE
    for page in (card_page(card), *card_pages({HOSTILE: card}, cohort=HOSTILE).values()):
        outline = Outline(page)
        assert not {"script", "img"} & set(outline.tags)
        assert outline.open == []
    for fragment in card_figures(card).values():
        ET.fromstring(fragment.svg)  # noqa: S314  (our own markup)


def test_a_card_without_controls_says_so_and_draws_the_rest(bare_card: dict[str, Any]) -> None:
    assert set(card_figures(bare_card)) == {"controls", "calibration", "coverage", "labels"}
    page = card_page(bare_card)
    assert "Simulated: nothing of this was ever measured." in page
    assert "not run: " in page


def test_what_is_not_estimable_is_in_the_table_with_its_reason(card: dict[str, Any]) -> None:
    card["controls"]["proliferation"] = "not estimable: fewer than 3 markers"
    card["lineage"] = dict.fromkeys(("roc_auc", "gain"), "not estimable: no lineage")
    card["random"] |= {"percentiles": [], "mean": "not estimable: none", "p": "not estimable: x"}
    drawn = card_figures(card)["controls"]
    assert "fewer than 3 markers" in drawn.table
    assert "fewer than 3 markers" not in drawn.svg
    assert "area random" not in drawn.svg
    assert "gain over lineage is not estimable: no lineage" in card_page(card)


def test_a_plot_of_its_own_is_whole_xml_with_its_colours(card: dict[str, Any]) -> None:
    drawing = standalone(card_figures(card)["controls"].svg)
    root = ET.fromstring(drawing)  # noqa: S314  (our own markup)
    assert root.tag.endswith("svg")
    assert "prefers-color-scheme: dark" in drawing
    assert root.attrib["aria-label"].startswith("Cisplatin")


@pytest.mark.parametrize("scheme", ["_LIGHT", "_DARK"])
def test_colours_differ_and_can_be_told_from_the_paper(scheme: str) -> None:
    """Contrast of marks at least 3, of words at least 4.5 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    from models.cards import style

    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", getattr(style, scheme)))
    meanings = ("panel", "random", "lineage", "other", "sensitive", "resistant", "no-call")
    assert len({colours[name] for name in meanings}) == len(meanings)
    for name in meanings:
        assert contrast(colours[name], colours["paper"]) >= 3, name
    for name in ("ink", "soft", "link"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name


def test_the_index_links_every_drug_in_every_order(card: dict[str, Any]) -> None:
    names = ["Cisplatin", "cis-platin", "5-FU", "É-drug", ""]
    cards = {name: {**card, "drug": name, "q": 0.1 * n} for n, name in enumerate(names)}
    cards["5-FU"] = {**cards["5-FU"], "q": "not estimable: none", "status": "supported"}
    pages = card_pages(cards, cohort="ccle-gdsc2")
    assert len(pages) == len(names) + len(ORDERS)
    for file, _, _ in ORDERS.values():
        linked = re.findall(r'href="(drug-[^"]+)"', pages[file])
        assert len(set(linked)) == len(names)
        assert set(linked) <= set(pages)
    by_q = re.findall(r'scope="row"><a [^>]+>([^<]*)<', pages["by-q.html"])
    assert by_q[:2] == ["Cisplatin", "cis-platin"]
    assert by_q[-1] == "5-FU"
    assert re.findall(r'scope="row"><a [^>]+>([^<]*)<', pages["index.html"])[0] == "5-FU"


def contrast(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
