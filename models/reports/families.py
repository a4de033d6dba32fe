"""Kinds of gene sets, as they are told apart by colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from features.gene_sets import GeneSet, GeneSetCollection

Family = Literal["copper", "fission", "fusion", "mitochondria", "general"]
FAMILIES: tuple[Family, ...] = get_args(Family)
FAMILY_NAMES: dict[Family, str] = {
    "copper": "copper and cuproptosis",
    "fission": "mitochondrial fission",
    "fusion": "mitochondrial fusion",
    "mitochondria": "other mitochondrial",
    "general": "general",
}


def family_of(gene_set: GeneSet) -> Family:
    """Tell the family of a gene set by its name and group."""
    for word in ("fission", "fusion"):
        if word in gene_set.name:
            return "fission" if word == "fission" else "fusion"
    if gene_set.group == "cuproptosis":
        return "copper"
    return "mitochondria" if gene_set.group == "mitochondrial_dynamics" else "general"


def family_of_gene(sets: Iterable[str], gene_sets: GeneSetCollection) -> Family:
    """Tell the family of a gene: the first of `FAMILIES` among its sets."""
    found = {family_of(gene_sets[name]) for name in sets}
    return next((family for family in FAMILIES if family in found), "general")
