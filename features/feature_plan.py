"""Which features a cohort allows, given the gene sets, levels and covariates asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from features.errors import CoverageError, GeneSetError
from features.gene_sets import Balance, GeneSetCollection
from features.proliferation import FEWEST_MARKERS, PROLIFERATION_MARKERS

Level = Literal["genes", "sets", "balances"]
Covariate = Literal["lineage", "proliferation"]


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """The genes behind every feature that a cohort allows, and what it does not allow.

    Attributes
    ----------
    gene_panel
        Genes of all sets that the cohort holds, sorted.
    set_genes
        Set -> its genes in the panel, for the sets that have any.
    empty_sets
        Sets without a gene in the cohort.
    balances
        Balances of which both sets have a gene.
    proliferation_genes
        Proliferation markers, or none when it is not a covariate or too few are there.
    left_out
        Feature -> why it was left out.
    """

    gene_panel: tuple[str, ...]
    set_genes: dict[str, tuple[str, ...]]
    empty_sets: tuple[str, ...]
    balances: tuple[Balance, ...]
    proliferation_genes: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes that the features are computed from, sorted."""
        return tuple(sorted({*self.gene_panel, *self.proliferation_genes}))

    def feature_names(self, levels: Sequence[Level], lineages: Sequence[str]) -> list[str]:
        """Name every feature, in the order of the columns; GeneSetError when there is none."""
        names = [f"gene:{gene}" for gene in self.gene_panel if "genes" in levels]
        names += [f"set:{name}" for name in self.set_genes if "sets" in levels]
        names += [f"balance:{balance.name}" for balance in self.balances]
        names += [f"lineage:{lineage}" for lineage in lineages]
        names += ["covariate:proliferation"] if self.proliferation_genes else []
        if names:
            return names
        raise GeneSetError(
            "No feature is left with these levels and covariates.",
            needed="at least one of genes, sets, balances, lineage, proliferation.",
            remedy="Ask for a level, or for a covariate that the cohort can give.",
        )

    def to_meta(self) -> dict[str, Any]:
        """Describe the plan in lists and strings, so that no order is lost in JSON."""
        return {
            "gene_panel": list(self.gene_panel),
            "set_genes": [[name, list(genes)] for name, genes in self.set_genes.items()],
            "empty_sets": list(self.empty_sets),
            "balances": [balance.name for balance in self.balances],
            "proliferation_genes": list(self.proliferation_genes),
            "left_out": [list(item) for item in self.left_out.items()],
        }

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any], gene_sets: GeneSetCollection) -> FeaturePlan:
        """Restore what `to_meta` wrote, with the balances of the same gene sets."""
        balances = {balance.name: balance for balance in gene_sets.balances}
        return cls(
            gene_panel=tuple(meta["gene_panel"]),
            set_genes={name: tuple(genes) for name, genes in meta["set_genes"]},
            empty_sets=tuple(meta["empty_sets"]),
            balances=tuple(balances[name] for name in meta["balances"]),
            proliferation_genes=tuple(meta["proliferation_genes"]),
            left_out=dict(meta["left_out"]),
        )


def plan_features(
    gene_sets: GeneSetCollection,
    held: Collection[str],
    *,
    levels: Sequence[Level],
    covariates: Sequence[Covariate],
) -> FeaturePlan:
    """Find out which features the genes of a cohort allow.

    Parameters
    ----------
    gene_sets
        The sets and balances asked for.
    held
        Genes of the cohort.
    levels, covariates
        As in `features.transformer.GeneSetFeatures`.

    Raises
    ------
    CoverageError
        Levels are asked for, and the cohort holds no gene of any set.
    """
    held = frozenset(held)
    in_cohort = {
        name: tuple(gene for gene in gene_set.genes if gene in held)
        for name, gene_set in gene_sets.items()
        if levels
    }
    set_genes = {name: genes for name, genes in in_cohort.items() if genes}
    if levels and not set_genes:
        raise CoverageError(
            f"The cohort holds no gene of any of {len(in_cohort)} gene sets.",
            needed="at least one gene of the panel, as an approved symbol.",
            remedy="Check the gene identifiers of the expression and of the gene sets.",
        )
    left_out: dict[str, str] = {}
    balances = _possible_balances(gene_sets, set_genes, left_out) if "balances" in levels else ()
    markers = _proliferation_markers(held, left_out) if "proliferation" in covariates else ()
    return FeaturePlan(
        gene_panel=tuple(sorted({gene for genes in set_genes.values() for gene in genes})),
        set_genes=set_genes,
        empty_sets=tuple(name for name, genes in in_cohort.items() if not genes),
        balances=balances,
        proliferation_genes=markers,
        left_out=left_out,
    )


def _possible_balances(
    gene_sets: GeneSetCollection, set_genes: Collection[str], left_out: dict[str, str]
) -> tuple[Balance, ...]:
    possible = []
    for balance in gene_sets.balances:
        sides = (balance.numerator, balance.denominator)
        absent = [name for name in sides if name not in set_genes]
        if absent:
            reason = f"the cohort holds no gene of {' and '.join(absent)}"
            left_out[f"balance:{balance.name}"] = reason
        else:
            possible.append(balance)
    return tuple(possible)


def _proliferation_markers(held: Collection[str], left_out: dict[str, str]) -> tuple[str, ...]:
    markers = tuple(gene for gene in PROLIFERATION_MARKERS if gene in held)
    if len(markers) >= FEWEST_MARKERS:
        return markers
    left_out["covariate:proliferation"] = (
        f"the cohort holds {len(markers)} of {len(PROLIFERATION_MARKERS)} markers, "
        f"fewer than {FEWEST_MARKERS}"
    )
    return ()
