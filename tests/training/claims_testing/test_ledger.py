"""What a ledger writes: a table, JSON, a page and Markdown, with nothing but text in them."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from features.claim_table import Claim
from features.claims import load_claims
from features.gene_sets import load_gene_sets
from training.claims_testing import testing
from training.claims_testing.ledger import Ledger
from training.claims_testing.markdown import ledger_markdown
from training.claims_testing.measurement import Measurement
from training.claims_testing.page import ledger_page
from training.errors import TrainingError
from training.simulated import simulate_cohort

HOSTILE = "=1+1 <script>alert('&')</script> $\\frac{a}{b}$ | `x` [a](http://evil.example)"


def ledger_of(claims: tuple[Claim, ...]) -> Ledger:
    cohort = simulate_cohort(0, 120)
    return testing.test_claims(claims, cohort, load_gene_sets(), n_bootstrap=60)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return ledger_of(load_claims())


@pytest.fixture(scope="module")
def hostile() -> Ledger:
    made = ledger_of(load_claims()[:40])
    turned = []
    for row in made.rows:
        claim = replace(row.claim, statement=HOSTILE, drug=HOSTILE, section=HOSTILE)
        gene = None if claim.gene is None else HOSTILE
        question = row.question and replace(row.question, subject=HOSTILE)
        turned.append(replace(row, claim=replace(claim, gene=gene), question=question))
    return replace(made, rows=tuple(turned), cohort=HOSTILE)


class Page(HTMLParser):
    """Tags and attributes of a page, and whether its tags are balanced."""

    void = frozenset({"meta", "use", "path", "br", "circle", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_table_has_a_row_and_a_verdict_for_every_claim(ledger: Ledger, tmp_path: Path) -> None:
    ledger.to_csv(tmp_path / "ledger.csv")
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["claim_id"] for row in rows] == [claim.claim_id for claim in load_claims()]
    assert [row["verdict"] for row in rows] == [row.verdict for row in ledger.rows]
    for row, written in zip(ledger.rows, rows, strict=True):
        if isinstance(row.measurement, Measurement):
            expected = row.measurement.within_lineage.value
            assert float(written["within_lineage"]) == pytest.approx(expected, rel=1e-4)
        else:
            assert written["within_lineage"] == written["q_value"] == ""


def test_no_cell_of_a_user_is_a_formula(hostile: Ledger, tmp_path: Path) -> None:
    hostile.to_csv(tmp_path / "ledger.csv")
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["statement"] for row in rows} == {f"'{HOSTILE}"}
    assert {row["cohort"] for row in rows} == {f"'{HOSTILE}"}


def test_a_table_that_cannot_be_written_is_a_named_error(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be written"):
        ledger.to_csv(tmp_path / "missing" / "ledger.csv")


def test_json_is_strict_and_complete(ledger: Ledger) -> None:
    answer = json.loads(json.dumps(ledger.to_json(), allow_nan=False))
    assert answer["counts"] == ledger.counts()
    assert sum(answer["counts"].values()) == len(answer["claims"]) == len(load_claims())
    assert answer["simulated"] is True


def test_the_page_holds_no_script_and_asks_no_host(ledger: Ledger, hostile: Ledger) -> None:
    for each in (ledger, hostile):
        page = Page(ledger_page(each))
        assert not page.open
        assert not {"script", "link", "img", "iframe", "image", "object", "form"} & set(page.tags)
        for name, value in page.attributes:
            assert not name.startswith("on")
            if name in {"href", "xlink:href", "src"}:
                assert str(value).startswith("#")
        assert "@import" not in page.text
        assert not re.search(r"url\((?!#)", page.text)


def test_the_page_shows_verdicts_figures_and_that_it_is_simulated(ledger: Ledger) -> None:
    page = Page(ledger_page(ledger))
    for verdict, n_claims in ledger.counts().items():
        assert re.search(rf"\b{n_claims} \S+ {verdict}", page.text)
    assert "svg" in page.tags
    assert "Simulated" in page.text
    assert page.text.count("within lineages [95%]") == 1


def test_hostile_text_stays_text(hostile: Ledger) -> None:
    assert "<script>" not in ledger_page(hostile)
    assert HOSTILE[:20] in Page(ledger_page(hostile)).text
    for line in ledger_markdown([hostile]).splitlines():
        assert "<script>" not in line.replace(r"\<", "")
        assert "](http" not in line


def test_a_ledger_without_a_tested_claim_has_a_page(ledger: Ledger) -> None:
    untested = tuple(row for row in ledger.rows if not row.is_tested)[:5]
    empty = replace(ledger, rows=untested)
    assert "No claim could be tested." in ledger_page(empty)
    assert "None could be tested." in ledger_markdown([empty])
    assert not Page(ledger_page(replace(ledger, rows=()))).open


def test_markdown_tables_are_whole(ledger: Ledger, hostile: Ledger) -> None:
    text = ledger_markdown([ledger, hostile])
    width = None
    for line in text.splitlines():
        if line.startswith("| "):
            cells = len(re.findall(r"(?<!\\)\|", line))
            assert width in (None, cells)
            width = cells
        else:
            width = None
    assert text.endswith("\n")
    assert text == ledger_markdown([ledger, hostile])


def test_claims_are_listed_with_their_verdict(ledger: Ledger) -> None:
    text = ledger_markdown([ledger])
    listed = text[text.index("## Contradicted") : text.index("## Supported")]
    assert listed.count("\n| ") - 2 == ledger.counts()["contradicted"]
