"""Plans of features without a gene set, with one alone, or without a gene."""

from __future__ import annotations

from dataclasses import replace

from features.feature_plan import FeaturePlan


def without_set(plan: FeaturePlan, name: str) -> FeaturePlan:
    """Leave out a set's score, balances that use it, and genes that no other set brings."""
    return _reduced(plan, {n: genes for n, genes in plan.set_genes.items() if n != name})


def only_set(plan: FeaturePlan, name: str) -> FeaturePlan:
    """Keep one set and its genes."""
    return _reduced(plan, {name: plan.set_genes[name]})


def without_gene(plan: FeaturePlan, gene: str) -> FeaturePlan:
    """Take a gene out of every set; a set that held nothing else goes with it."""
    kept = {n: tuple(g for g in genes if g != gene) for n, genes in plan.set_genes.items()}
    return _reduced(plan, {name: genes for name, genes in kept.items() if genes})


def _reduced(plan: FeaturePlan, set_genes: dict[str, tuple[str, ...]]) -> FeaturePlan:
    return replace(
        plan,
        set_genes=set_genes,
        gene_panel=tuple(sorted({gene for genes in set_genes.values() for gene in genes})),
        balances=tuple(b for b in plan.balances if {b.numerator, b.denominator} <= set(set_genes)),
    )
