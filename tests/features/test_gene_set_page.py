"""The page of the gene sets: what it says, and that the committed one is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from features.gene_set_page import gene_set_page
from features.gene_sets import Balance, GeneSet, GeneSetCollection, GeneSetMember, load_gene_sets

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gene-sets.md"


@pytest.fixture
def two_sets() -> GeneSetCollection:
    importing = GeneSet(
        name="copper_import",
        title="Copper import",
        description="Brings copper in",
        group="cuproptosis",
        members=(
            GeneSetMember(
                "SLC31A1", "doi:10.1000/abc; review.txt §2", "sensitivity", "this | that"
            ),
            GeneSetMember("STEAP3", "review.txt §3"),
        ),
        direction="sensitivity",
        context="platinum drugs",
    )
    exporting = GeneSet(
        name="copper_export",
        title="Copper export",
        description="Takes copper out.",
        group="user",
        members=(GeneSetMember("ATP7A", "doi:10.1000/xyz"),),
    )
    balance = Balance("in_out", "copper_import", "copper_export", "In against out", "review.txt")
    return GeneSetCollection([importing, exporting], [balance])


def lines_of(page: str) -> list[str]:
    return page.splitlines()


def test_the_committed_page_is_up_to_date() -> None:
    remedy = "run: python -m features.gene_set_page > docs/gene-sets.md"
    assert PAGE.read_text(encoding="utf-8") == gene_set_page(load_gene_sets()), remedy


def test_a_gene_stands_with_direction_context_and_a_linked_source(
    two_sets: GeneSetCollection,
) -> None:
    page = lines_of(gene_set_page(two_sets))
    assert (
        r"| SLC31A1 | sensitivity | this \| that | "
        "[doi:10.1000/abc](https://doi.org/10.1000/abc); review.txt §2 |"
    ) in page
    assert "| STEAP3 | - | - | review.txt §3 |" in page


def test_a_set_says_its_direction_or_that_it_is_left_open(two_sets: GeneSetCollection) -> None:
    page = lines_of(gene_set_page(two_sets))
    assert "Brings copper in. Direction: sensitivity (platinum drugs)." in page
    assert "Takes copper out. Direction: left open." in page


def test_the_overview_counts_genes_and_a_balance_links_to_both_sets(
    two_sets: GeneSetCollection,
) -> None:
    page = lines_of(gene_set_page(two_sets))
    assert (
        "| [Copper import](#copper_import) | `copper_import` | Cuproptosis | 2 | sensitivity |"
        in page
    )
    assert (
        "| In against out | `in_out` | [copper_import](#copper_import) | "
        "[copper_export](#copper_export) | review.txt |"
    ) in page


def test_every_link_within_the_shipped_page_leads_to_a_heading() -> None:
    page = gene_set_page(load_gene_sets())
    headings = set(re.findall(r"\{#(\w+)\}", page))
    assert headings == set(load_gene_sets())
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings


def test_every_table_row_has_as_many_cells_as_its_header() -> None:
    width = 0
    for line in lines_of(gene_set_page(load_gene_sets())):
        cells = re.split(r"(?<!\\)\|", line)
        if not line.startswith("|"):
            width = 0
            continue
        width = width or len(cells)
        assert len(cells) == width, line
