"""Attributions of linear scores: coefficient times distance from the background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.attribution.gene_shares import GeneShares
from models.attribution.shapley import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LinearAttribution:
    """Linear scores of several drugs.

    Attributes
    ----------
    coefficients
        (n_drugs, n_features).
    background
        (n_features,) mean of the training features.
    base
        (n_drugs,) score at the background.
    gene_coefficients
        (n_drugs, n_genes) what one unit of z of a gene adds to the score by all features that it
        is part of.
    """

    coefficients: FloatArray
    background: FloatArray
    base: FloatArray
    gene_coefficients: FloatArray

    @classmethod
    def of(
        cls,
        coefficients: FloatArray,
        intercepts: FloatArray,
        background: FloatArray,
        shares: GeneShares,
    ) -> LinearAttribution:
        """Compile (n_drugs, n_features) coefficients and (n_drugs,) intercepts."""
        return cls(
            coefficients,
            background,
            intercepts + coefficients @ background,
            coefficients @ shares.weights,
        )

    def by_feature(self, features: FloatArray) -> FloatArray:
        """(n, n_drugs, n_features) of (n, n_features): exact under independent features.

        References
        ----------
        Strumbelj and Kononenko 2014, doi:10.1007/s10115-013-0679-x, equation 3; shap's
        LinearExplainer with an independent masker gives the same.
        """
        given: FloatArray = (features - self.background)[:, None, :] * self.coefficients
        return given

    def by_gene(self, features: FloatArray, shares: GeneShares) -> FloatArray:
        """(n, n_drugs, n_genes + n_covariates): exact, for the score is linear in the genes too."""
        n_genes = len(shares.genes)
        away = features - self.background
        given = np.empty((len(features), len(self.base), len(shares.entries)))
        np.multiply(away[:, None, :n_genes], self.gene_coefficients, out=given[:, :, :n_genes])
        for place, mine in enumerate(shares.columns.T, start=n_genes):
            given[:, :, place] = away[:, mine] @ self.coefficients[:, mine].T
        return given
