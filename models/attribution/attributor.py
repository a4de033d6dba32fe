"""`Attributor`: the attributions of all drugs of a bundle, compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.attribution.attributions import Attributions, Grouping
from models.attribution.gene_shares import PROLIFERATION, GeneShares
from models.attribution.linear_attribution import LinearAttribution
from models.attribution.shapley import FloatArray
from models.attribution.tree_attribution import TreeAttribution
from models.bundle import Bundle
from models.drug_model import DrugModel, score_drugs
from models.errors import AttributionError

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Attributor:
    """Exact SHAP values of the answers of a bundle, in log-odds.

    A linear score counts from the mean of the training features; trees weigh the branches that a
    profile does not take by the training lines in them (path-dependent TreeSHAP). The calibration
    is linear on the log-odds scale, so attributions of scores times its slope are attributions of
    the answer, and stay additive.

    Attributes
    ----------
    models
        Classifiers, in the order of the answers.
    feature_names
        Names of the columns that are explained.
    shares
        How features are made of genes.
    slope, intercept
        (n_drugs,) of the calibrations.
    base_log_odds
        (n_drugs,) answers before anything is known of a profile.
    linear, trees
        The compiled scores (the linear ones with their slopes), and the places of their drugs
        among `models`; None where no drug has one.
    """

    models: tuple[DrugModel, ...]
    feature_names: tuple[str, ...]
    shares: GeneShares
    slope: FloatArray
    intercept: FloatArray
    base_log_odds: FloatArray
    linear: LinearAttribution | None
    linear_places: Places
    trees: TreeAttribution | None
    tree_places: Places

    @classmethod
    def of(cls, bundle: Bundle, *, drugs: Sequence[str] | None = None) -> Attributor:
        """Compile the drugs of a bundle, all of them by default.

        Raises
        ------
        AttributionError
            The bundle is of format 1: it keeps neither the background nor the cover of its trees.
        """
        models = tuple(bundle.drugs[name] for name in (bundle.drugs if drugs is None else drugs))
        shares = GeneShares.of(bundle.features)
        slope = np.array([model.calibration.slope for model in models])
        intercept = np.array([model.calibration.intercept for model in models])
        linear, linear_places = _linear(models, slope, _background(bundle, models), shares)
        trees, tree_places = _trees(models)
        base = intercept.copy()
        if linear is not None:
            base[linear_places] += linear.base
        if trees is not None:
            base[tree_places] += trees.base * slope[tree_places]
        return cls(
            models,
            tuple(str(name) for name in bundle.features.feature_names_),
            shares,
            slope,
            intercept,
            base,
            linear,
            linear_places,
            trees,
            tree_places,
        )

    def attribute(
        self, features: FloatArray, *, by: Grouping = "gene", scores: FloatArray | None = None
    ) -> Attributions:
        """Take the answers of profiles apart.

        By gene, attributions of set scores and balances are handed down to their genes. For a
        linear score over mean z values that gives the exact SHAP values of the genes themselves,
        because the score is linear in them. For trees, and for scores by rank or enrichment, it is
        a convention: the exact value of the feature, in equal parts to the genes of a set, and
        half to either side of a balance. By set, a gene's value goes to its sets in equal parts.
        Lineage (all its columns together) and proliferation are entries of their own.

        Parameters
        ----------
        features
            (n, n_features) as `bundle.features.transform` gives them.
        by
            "gene", "set" or "feature".
        scores
            (n, n_drugs) as `score_drugs` gives them, where they are at hand.

        Raises
        ------
        AttributionError
            Base value and attributions miss an answer by more than 1e-4.
        """
        given = self._by_feature(features) if by == "feature" else self._by_gene(features)
        return self._named(given, features, by, scores)

    def attribute_genes_and_sets(
        self, features: FloatArray, *, scores: FloatArray | None = None
    ) -> tuple[Attributions, Attributions]:
        """Take answers apart by gene and by set, at the cost of one; see `attribute`."""
        given = self._by_gene(features)
        expected = score_drugs(self.models, features) if scores is None else scores
        return (
            self._named(given, features, "gene", expected),
            self._named(given, features, "set", expected),
        )

    def _named(
        self, given: FloatArray, features: FloatArray, by: Grouping, scores: FloatArray | None
    ) -> Attributions:
        """Hold (n, n_drugs, n_entries) to the answers; those by gene are added up to sets."""
        expected = score_drugs(self.models, features) if scores is None else scores
        residual = self.base_log_odds + given.sum(axis=2) - self.slope * expected - self.intercept
        totals = None
        if by == "set":
            totals = given @ self.shares.over_sets(split=False)
            given = given @ self.shares.over_sets(split=True)
        return Attributions(
            by=by,
            names=self._names(by),
            drugs=tuple(model.drug for model in self.models),
            log_odds=given,
            base_log_odds=self.base_log_odds,
            residual=residual,
            values=self._values(features, by),
            set_totals=totals,
        )

    def _by_feature(self, features: FloatArray) -> FloatArray:
        given = np.empty((len(features), len(self.models), len(self.feature_names)))
        if self.linear is not None:
            given[:, self.linear_places] = self.linear.by_feature(features)
        if self.trees is not None:
            given[:, self.tree_places] = self._of_trees(self.trees, features)
        return given

    def _by_gene(self, features: FloatArray) -> FloatArray:
        if not self.shares.is_linear:
            return self._by_feature(features) @ self.shares.handed_down
        given = np.empty((len(features), len(self.models), len(self.shares.entries)))
        if self.linear is not None:
            exact = self.linear.by_gene(features, self.shares)
            if len(self.linear_places) == len(self.models):
                return exact
            given[:, self.linear_places] = exact
        if self.trees is not None:
            of_features = self._of_trees(self.trees, features)
            given[:, self.tree_places] = of_features @ self.shares.handed_down
        return given

    def _of_trees(self, trees: TreeAttribution, features: FloatArray) -> FloatArray:
        return trees.attribute(features) * self.slope[self.tree_places, None]

    def _values(self, features: FloatArray, by: Grouping) -> FloatArray:
        if by == "feature":
            return features
        shares = self.shares
        blocks = [np.full((len(features), len(shares.genes)), np.nan)]
        if self.feature_names[: len(shares.genes)] == tuple(f"gene:{g}" for g in shares.genes):
            blocks = [features[:, : len(shares.genes)]]
        if by == "set":
            blocks = [blocks[0] @ (shares.membership / shares.membership.sum(axis=0))]
        for covariate, mine in zip(shares.covariates, shares.columns.T, strict=True):
            one = covariate == PROLIFERATION
            blocks.append(features[:, mine] if one else np.full((len(features), 1), np.nan))
        return np.hstack(blocks)

    def _names(self, by: Grouping) -> tuple[str, ...]:
        if by == "feature":
            return self.feature_names
        return self.shares.entries if by == "gene" else (*self.shares.sets, *self.shares.covariates)


def _linear(
    models: Sequence[DrugModel],
    slope: FloatArray,
    background: FloatArray | None,
    shares: GeneShares,
) -> tuple[LinearAttribution | None, Places]:
    scores = [(place, one.linear) for place, one in enumerate(models) if one.linear is not None]
    places = np.array([place for place, _ in scores], dtype=np.int64)
    if background is None or not scores:
        return None, places
    coefficients = np.stack([score.coefficients for _, score in scores]) * slope[places, None]
    intercepts = np.array([score.intercept for _, score in scores]) * slope[places]
    return LinearAttribution.of(coefficients, intercepts, background, shares), places


def _trees(models: Sequence[DrugModel]) -> tuple[TreeAttribution | None, Places]:
    grown = [(place, one.trees) for place, one in enumerate(models) if one.trees is not None]
    places = np.array([place for place, _ in grown], dtype=np.int64)
    return (TreeAttribution.of([trees for _, trees in grown]) if grown else None), places


def _background(bundle: Bundle, models: Sequence[DrugModel]) -> FloatArray | None:
    if bundle.background is None and any(model.linear is not None for model in models):
        raise AttributionError(
            f"Bundle {bundle.name} does not keep the mean of its training features.",
            needed="a bundle of format 2: attributions of linear scores count from that mean.",
            remedy="train the bundle anew; this one can predict, but not explain.",
        )
    return bundle.background
