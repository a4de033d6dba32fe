"""Which way a drug's classifier leans on a gene, to hold against the literature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.gene_sets import Direction
from models.attribution.attributor import Attributor
from models.attribution.shapley import FloatArray
from models.bundle import Bundle


@dataclass(frozen=True, slots=True)
class GeneDirection:
    """How a classifier's answer moves with one gene.

    Attributes
    ----------
    log_odds_per_sd
        Log-odds of being sensitive for one more standard deviation of the gene, by all features
        that the gene is part of; above 0, higher expression goes with sensitivity.
    share_of_largest
        |log_odds_per_sd| over that of the drug's most weighty gene, 0 to 1.
    direction
        Its sign in words; None where it is 0.
    """

    log_odds_per_sd: float
    share_of_largest: float
    direction: Direction | None


def drug_gene_directions(
    bundle: Bundle, drugs: Sequence[str] | None = None
) -> dict[str, dict[str, GeneDirection]]:
    """Tell, drug by drug, which way the answer moves with each panel gene.

    Only for linear scores over mean z values, which have one direction for every profile. Drugs
    whose score is made of trees, and bundles whose sets are scored by rank or enrichment, are left
    out: their directions depend on the profile. Genes that share sets share weight, so a small
    coefficient may take its sign from its sets: see `share_of_largest`.

    Returns
    -------
    dict
        Drug -> gene -> direction.

    Raises
    ------
    AttributionError
        The bundle is of format 1.
    """
    linear_drugs = [
        name
        for name in (bundle.drugs if drugs is None else drugs)
        if bundle.drugs[name].linear is not None
    ]
    attributor = Attributor.of(bundle, drugs=linear_drugs)
    if attributor.linear is None or not attributor.shares.is_linear:
        return {}
    return {
        drug: _directions(attributor.shares.genes, weights)
        for drug, weights in zip(linear_drugs, attributor.linear.gene_coefficients, strict=True)
    }


def _directions(genes: Sequence[str], weights: FloatArray) -> dict[str, GeneDirection]:
    largest = float(np.abs(weights).max(initial=0.0)) or 1.0
    return {
        gene: GeneDirection(float(one), abs(float(one)) / largest, _direction(float(one)))
        for gene, one in zip(genes, weights, strict=True)
    }


def _direction(log_odds: float) -> Direction | None:
    if log_odds == 0:
        return None
    return "sensitivity" if log_odds > 0 else "resistance"
