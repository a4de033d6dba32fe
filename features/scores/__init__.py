"""Gene-set scores, one module a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

from features.reference import Reference
from features.scores.balance import score_balances
from features.scores.enrichment import score_enrichment
from features.scores.mean_z import score_mean_z
from features.scores.rank import score_rank

if TYPE_CHECKING:
    import pandas as pd

ScoreName = Literal["mean_z", "rank", "enrichment"]


class GeneSetScore(Protocol):
    """A pure function from expression and sets to samples x sets."""

    def __call__(
        self,
        expression: pd.DataFrame,
        gene_sets: Mapping[str, Sequence[str]],
        *,
        reference: Reference,
    ) -> pd.DataFrame:
        """Score every set in every sample."""


SCORES: Mapping[ScoreName, GeneSetScore] = MappingProxyType(
    {"mean_z": score_mean_z, "rank": score_rank, "enrichment": score_enrichment}
)

__all__ = [
    "SCORES",
    "GeneSetScore",
    "ScoreName",
    "score_balances",
    "score_enrichment",
    "score_mean_z",
    "score_rank",
]
