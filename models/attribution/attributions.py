"""What each feature, gene or gene set gave to each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.attribution.shapley import FloatArray
from models.errors import AttributionError

Grouping = Literal["gene", "set", "feature"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)

ADDITIVITY_TOLERANCE = 1e-4  # log-odds


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """Attributions of n profiles and several drugs, in log-odds of being sensitive.

    Attributes
    ----------
    by
        What the entries are.
    names
        (n_entries,) features, or genes and covariates, or gene sets and covariates.
    drugs
        (n_drugs,) names.
    log_odds
        (n, n_drugs, n_entries); above 0 speaks for sensitive. `base_log_odds` plus the sum over
        entries is the logit of probability_sensitive. By set, a gene of several sets is shared out
        equally among them, so that sets add up as well.
    base_log_odds
        (n_drugs,) the answer before anything is known of a profile.
    residual
        (n, n_drugs) base plus sum minus logit of the answer: rounding, at most 1e-4.
    values
        (n, n_entries) what the profile has: a feature's value, a gene's z, a set's mean z over its
        genes; NaN for lineage.
    set_totals
        (n, n_drugs, n_entries) by set, the sum over all genes of the set, whole even where they
        belong to other sets too: totals overlap and do not add up. Else None.
    """

    by: Grouping
    names: tuple[str, ...]
    drugs: tuple[str, ...]
    log_odds: FloatArray
    base_log_odds: FloatArray
    residual: FloatArray
    values: FloatArray
    set_totals: FloatArray | None = None

    def __post_init__(self) -> None:
        off = float(np.abs(self.residual).max(initial=0.0))
        if not off <= ADDITIVITY_TOLERANCE:
            worst = np.unravel_index(int(np.argmax(np.abs(self.residual))), self.residual.shape)
            raise AttributionError(
                f"Attributions of {self.drugs[worst[1]]} miss the answer by {off:.3g} log-odds.",
                needed=f"base value plus attributions equal to the answer to "
                f"{ADDITIVITY_TOLERANCE:g}.",
                remedy="do not use them; report the bundle, which other checks should have caught.",
            )
