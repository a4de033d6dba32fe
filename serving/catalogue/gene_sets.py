"""The gene sets of a bundle, as records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from serving.catalogue.drugs import about, find_name, state_of
from serving.catalogue.listing import Listing, Record
from serving.errors import NotFoundError

if TYPE_CHECKING:
    from features.gene_sets import GeneSet
    from serving.bundles.served import ServedBundle
    from serving.catalogue.queries import GeneSetQuery

MEMBER_COLUMNS = ("symbol", "in_panel", "direction", "context", "source")
COLUMNS = ("gene_set", "title", "group", *MEMBER_COLUMNS)


def list_gene_sets(served: ServedBundle, query: GeneSetQuery) -> Listing:
    """List the gene sets that fit, in the order of the bundle; a row a set and gene in the CSV."""
    sets = served.bundle.bundle.gene_sets.values()
    records = [_summary(one, served) for one in sets if _fits(one, query)]

    def rows(record: Record) -> Iterator[Sequence[Any]]:
        found = describe_gene_set(served, record["name"])
        for member in found["members"]:
            of_set = (found["name"], found["title"], found["group"])
            yield (*of_set, *(_cell(member[column]) for column in MEMBER_COLUMNS))

    return Listing(records, state_of(served), COLUMNS, rows, about={"bundle": about(served)})


def describe_gene_set(served: ServedBundle, name: str) -> dict[str, Any]:
    """Say everything about a gene set, gene by gene.

    Raises
    ------
    NotFoundError
        The bundle has no such set; upper and lower case do not matter.
    """
    gene_sets = served.bundle.bundle.gene_sets
    found = find_name(name, tuple(gene_sets))
    if found is None:
        raise NotFoundError(
            "The bundle that answers has no such gene set.",
            needed="the name of one of its gene sets.",
            remedy="look the name up at /v1/gene-sets.",
        )
    gene_set = gene_sets[found]
    panel = frozenset(served.bundle.gene_panel)
    balances = [asdict(one) for one in gene_sets.balances if found in _sides(one)]
    return {
        **_summary(gene_set, served),
        "bundle": about(served),
        "members": [
            {**asdict(member), "in_panel": member.symbol in panel} for member in gene_set.members
        ],
        "balances": balances,
    }


def _summary(gene_set: GeneSet, served: ServedBundle) -> dict[str, Any]:
    panel = frozenset(served.bundle.gene_panel)
    return {
        "name": gene_set.name,
        "title": gene_set.title,
        "description": gene_set.description,
        "group": gene_set.group,
        "direction": gene_set.direction,
        "context": gene_set.context,
        "n_genes": len(gene_set.genes),
        "n_in_panel": len(panel.intersection(gene_set.genes)),
        "genes": list(gene_set.genes),
        "url": f"/v1/gene-sets/{quote(gene_set.name, safe='')}",
    }


def _fits(gene_set: GeneSet, query: GeneSetQuery) -> bool:
    if query.gene is not None and query.gene.upper() not in map(str.upper, gene_set.genes):
        return False
    if query.group is not None and query.group.casefold() != gene_set.group.casefold():
        return False
    if query.direction is not None and query.direction != gene_set.direction:
        return False
    texts = (gene_set.name, gene_set.title, gene_set.description)
    search = (query.search or "").casefold()
    return any(search in text.casefold() for text in texts)


def _sides(balance: Any) -> tuple[str, str]:
    return balance.numerator, balance.denominator


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
