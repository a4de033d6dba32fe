"""The page of the gene sets: every set with its genes, directions, contexts and sources.

`python -m features.gene_set_page > docs/gene-sets.md` writes it again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from features.gene_sets import GeneSet, GeneSetCollection, GeneSetMember, load_gene_sets

_DOI = re.compile(r"doi:(10\.\d{4,9}/[^\s;|]+)")
_GROUPS = {
    "cuproptosis": "Cuproptosis",
    "mitochondrial_dynamics": "Mitochondrial dynamics and metabolism",
    "general": "General mechanisms of drug resistance",
    "user": "Brought by the user",
}
_NONE = "-"

_INTRODUCTION = """\
# Gene sets

<!-- Made by `python -m features.gene_set_page > docs/gene-sets.md`; do not edit by hand. -->

{n_sets} gene sets with {n_genes} genes in all; a gene may belong to several sets. Together they
are the gene panel, the only genes that the shipped settings compute features from.

**Direction** is what the literature expects *higher expression* to go with: sensitivity or
resistance. It is an expectation to be tested, and no classifier is told of it. Where the sources
give no direction it is left open (-). Where they contradict each other, the context keeps both
statements.

**Source** is a DOI, or the section of one of the three reviews that the project began with:

- `cuproptosis-drug-resistance.txt`: a review of cuproptosis and drug resistance in cancer;
- `mitochondrial-dynamics-cisplatin.txt`: Huang W, Sun W, Yang Z, Li Y, Wang Z. Mitochondrial
  dynamics in cisplatin resistance: molecular mechanisms and therapeutic targeting;
- `mechanisms-of-drug-resistance.txt`: Al-Mutairi FA. Mechanisms of Cancer Drug Resistance and
  Overcoming Them, [doi:10.37421/2952-8100.2025.8.557][al-mutairi].

[al-mutairi]: https://doi.org/10.37421/2952-8100.2025.8.557

The data behind this page are `features/data/gene_set_catalogue.json` and
`features/data/gene_sets.tsv`; other names of the genes (DRP1 for DNM1L, CTR1 for SLC31A1) are in
`features/data/gene_aliases.tsv`. Sets of your own come in as GMT (tab-separated):
`cupromark train --gene-sets FILE.gmt`.
"""


def gene_set_page(gene_sets: GeneSetCollection) -> str:
    """Write gene sets and balances as a Markdown page.

    Parameters
    ----------
    gene_sets
        The collection to describe.

    Returns
    -------
    str
        The page, the same for the same collection, with a line end at its end.
    """
    introduction = _INTRODUCTION.format(n_sets=len(gene_sets), n_genes=len(gene_sets.gene_panel))
    parts = [
        introduction,
        "## All sets\n",
        _overview(gene_sets.values()),
        "## Balances\n",
        "A balance is the score of one set minus the score of another.\n",
        _balances(gene_sets),
    ]
    groups = dict.fromkeys(gene_set.group for gene_set in gene_sets.values())
    for group in groups:
        members = [gene_set for gene_set in gene_sets.values() if gene_set.group == group]
        parts.append(f"## {_group_title(group)}\n")
        parts += [_section(gene_set) for gene_set in members]
    return "\n".join(parts)


def _overview(gene_sets: Iterable[GeneSet]) -> str:
    rows = [
        (
            f"[{_cell(gene_set.title)}](#{gene_set.name})",
            f"`{gene_set.name}`",
            _group_title(gene_set.group),
            str(len(gene_set.genes)),
            _cell(gene_set.direction),
        )
        for gene_set in gene_sets
    ]
    return _table(("set", "name", "group", "genes", "direction"), rows)


def _balances(gene_sets: GeneSetCollection) -> str:
    rows = [
        (
            _cell(balance.title),
            f"`{balance.name}`",
            f"[{balance.numerator}](#{balance.numerator})",
            f"[{balance.denominator}](#{balance.denominator})",
            _linked(balance.source),
        )
        for balance in gene_sets.balances
    ]
    return _table(("balance", "name", "set", "minus", "source"), rows)


def _section(gene_set: GeneSet) -> str:
    context = f" ({gene_set.context})" if gene_set.context else ""
    said = f"Direction: {gene_set.direction or 'left open'}{context}."
    lines = [
        f"### {gene_set.title} {{#{gene_set.name}}}\n",
        f"{gene_set.description.rstrip('.')}. {said}\n",
        _table(("gene", "direction", "context", "source"), map(_member, gene_set.members)),
    ]
    return "\n".join(lines)


def _member(member: GeneSetMember) -> tuple[str, ...]:
    return (
        member.symbol,
        _cell(member.direction),
        _cell(member.context),
        _linked(member.source),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cell(text: str | None) -> str:
    return text.replace("|", r"\|") if text else _NONE


def _linked(source: str) -> str:
    return _DOI.sub(lambda found: f"[{found[0]}](https://doi.org/{found[1]})", _cell(source))


def _group_title(group: str) -> str:
    return _GROUPS.get(group, group)


if __name__ == "__main__":
    sys.stdout.write(gene_set_page(load_gene_sets()))
