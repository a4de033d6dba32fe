"""How features are made of genes, and genes of sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.scores.mean_z import mean_weights
from features.transformer import GeneSetFeatures
from models.attribution.shapley import FloatArray

LINEAGE = "lineage"
PROLIFERATION = "proliferation"
COVARIATE_FEATURES = {LINEAGE: "lineage:", PROLIFERATION: "covariate:"}


@dataclass(frozen=True, slots=True, eq=False)
class GeneShares:
    """Features against the entries that a biologist asks for: genes, and covariates by name.

    Attributes
    ----------
    genes, sets
        Panel genes and gene sets that the features hold.
    covariates
        "lineage" and "proliferation", where the features hold them: entries of their own.
    weights
        (n_features, n_genes) what one unit of z of a gene adds to a feature, for scores that are
        mean z values; of a balance, above 0 for the numerator and below for the denominator.
    columns
        (n_features, n_covariates) whether a feature belongs to a covariate.
    membership
        (n_genes, n_sets) whether a gene belongs to a set.
    is_linear
        Whether features are those weights times the z values of the genes, which are the first
        features. Else a score depends on genes in another way, and weights only share it out.
    """

    genes: tuple[str, ...]
    sets: tuple[str, ...]
    covariates: tuple[str, ...]
    weights: FloatArray
    columns: NDArray[np.bool_]
    membership: NDArray[np.bool_]
    is_linear: bool

    @classmethod
    def of(cls, features: GeneSetFeatures) -> GeneShares:
        """Read them off fitted features."""
        plan, names = features.plan_, [str(name) for name in features.feature_names_]
        of_sets = mean_weights(plan.gene_panel, plan.set_genes)
        column = {name: place for place, name in enumerate(plan.set_genes)}
        rows = {
            f"gene:{g}": row for g, row in zip(plan.gene_panel, np.eye(len(of_sets)), strict=True)
        }
        rows |= {f"set:{name}": of_sets[:, place] for name, place in column.items()}
        rows |= {
            f"balance:{one.name}": of_sets[:, column[one.numerator]]
            - of_sets[:, column[one.denominator]]
            for one in plan.balances
        }
        nothing = np.zeros(len(plan.gene_panel))
        columns = {
            covariate: np.array([name.startswith(prefix) for name in names])
            for covariate, prefix in COVARIATE_FEATURES.items()
        }
        held = tuple(covariate for covariate, mine in columns.items() if mine.any())
        return cls(
            genes=plan.gene_panel,
            sets=tuple(plan.set_genes),
            covariates=held,
            weights=np.array([rows.get(name, nothing) for name in names]),
            columns=np.array([columns[name] for name in held], dtype=np.bool_)
            .reshape(len(held), len(names))
            .T,
            membership=of_sets > 0,
            is_linear="genes" in features.levels and features.score == "mean_z",
        )

    @property
    def entries(self) -> tuple[str, ...]:
        """Genes, then covariates."""
        return (*self.genes, *self.covariates)

    @property
    def handed_down(self) -> FloatArray:
        """(n_features, n_entries) shares in which an attribution of a feature is handed down.

        A set's goes to its genes in equal parts; a balance's one half to either set; a gene's to
        the gene, and a covariate's to the covariate. Rows add up to 1.
        """
        shares = np.hstack([np.abs(self.weights), self.columns])
        handed: FloatArray = shares / shares.sum(axis=1, keepdims=True)
        return handed

    def over_sets(self, *, split: bool) -> FloatArray:
        """(n_entries, n_sets + n_covariates) how entries add up to sets; covariates stay.

        With `split` a gene goes in equal parts to the sets that hold it, so that sets add up to
        the same total; without, it goes whole to each of them.
        """
        n_genes, n_sets = self.membership.shape
        to_sets = np.zeros((len(self.entries), n_sets + len(self.covariates)))
        to_sets[n_genes:, n_sets:] = np.eye(len(self.covariates))
        to_sets[:n_genes, :n_sets] = self.membership
        if split:
            to_sets[:n_genes] /= self.membership.sum(axis=1, keepdims=True)
        return to_sets
