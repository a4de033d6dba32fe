import re
from html.parser import HTMLParser

import pytest

from models.cards.palette import DARK, LIGHT
from models.reports.page import SECTIONS, report_page
from models.reports.report_maker import ReportMaker
from models.reports.report_style import css_text

VOID = {"meta", "rect", "circle", "line", "path", "br", "link"}


class Checker(HTMLParser):
    """Collects ids, links and tags, and sees that all tags are closed."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags = [], [], [], []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        values = dict(attrs)
        assert not any(name.startswith("on") for name in values)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def checked(page):
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


@pytest.fixture(scope="module", params=["Cisplatin", "Elesclomol", "strange", "old"])
def page(request, maker, old_bundle, strange):
    if request.param == "old":
        return report_page(ReportMaker.of(old_bundle).report("Cisplatin"))
    return report_page(maker.report(strange if request.param == "strange" else request.param))


def test_a_page_is_well_formed_and_asks_nothing_of_any_host(page):
    found = checked(page)
    assert len(found.ids) == len(set(found.ids))
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
    assert "default-src 'none'" in page
    outside = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"(src|url|import)\s*[=(]", outside)


def test_a_page_is_small(page):
    assert len(page.encode()) < 2_000_000


def test_every_section_is_there(page):
    ids = checked(page).ids
    assert [name for name, _, _ in SECTIONS if name not in ids] == []


def test_every_figure_has_its_table(page):
    ids = set(checked(page).ids)
    figures = {one for one in ids if one.startswith("figure-")}
    assert figures
    assert {one.replace("figure", "table") for one in figures} <= ids
    assert page.count("<table>") >= len(figures)


def test_the_same_bundle_gives_the_same_bytes(report_bundle, maker):
    again = ReportMaker.of(report_bundle).report("Elesclomol")
    assert report_page(again) == report_page(maker.report("Elesclomol"))


def test_names_stay_text(maker, strange):
    page = report_page(maker.report(strange))
    assert "<script" not in page
    assert page.count("</style>") == 1
    text = "".join(checked(page).text)
    assert strange in text


def test_a_withheld_drug_is_marked_in_every_section(maker):
    page = report_page(maker.report("Elesclomol"))
    headings = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page)
    assert len(headings) == len(SECTIONS) + 2
    assert all("withheld" in heading for heading in headings)
    assert "(withheld)</title>" in page
    assert "- WITHHELD" in page
    assert "do not rest anything on it" in page
    assert 'class="flag"' not in report_page(maker.report("Cisplatin"))


def test_an_old_bundle_says_what_is_missing_where_it_is_missed(old_bundle):
    page = report_page(ReportMaker.of(old_bundle).report("Cisplatin"))
    assert page.count('class="absent">This bundle is of format 1') == 4
    assert 'class="absent">This bundle keeps no training lines' in page


def test_the_simulated_are_called_so(maker):
    assert "Simulated: nothing of this was ever measured." in report_page(maker.report("Cisplatin"))


def test_the_only_date_is_that_of_the_bundle(maker):
    dates = re.findall(r"20\d\d-\d\d-\d\d", report_page(maker.report("Cisplatin")))
    assert set(dates) == {"2026-01-02"}


def test_text_of_css_cannot_end_its_string():
    assert css_text('a"b\\c</style>') == '"a\\000022 b\\00005c c\\00003c \\00002f style\\00003e "'


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_their_paper(colours):
    text = {name: contrast(colours[name], colours["paper"]) for name in ("ink", "soft", "link")}
    assert {name: ratio for name, ratio in text.items() if ratio < 4.5} == {}
    assert contrast(colours["ink"], colours["fill"]) >= 4.5
    backgrounds = ("paper", "rule", "fill")
    marks = {
        name: contrast(colour, colours["paper"])
        for name, colour in colours.items()
        if name not in backgrounds
    }
    assert {name: ratio for name, ratio in marks.items() if ratio < 3} == {}
    assert set(LIGHT) == set(DARK)
