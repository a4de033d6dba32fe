"""From the values of genes to features, arrays in and arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.feature_plan import FeaturePlan, Level
from features.gene_values import FloatArray
from features.lineage import LineageCoding
from features.reference import Reference
from features.scores import ScoreName
from features.scores.balance import balance_weights
from features.scores.enrichment import enrichment_scores
from features.scores.mean_z import mean_weights
from features.scores.rank import rank_scores

PROLIFERATION = "proliferation"


@dataclass(frozen=True, slots=True, eq=False)
class FeatureArrays:
    """How features are computed from the values of the required genes, and of them alone.

    The order of the features is that of `FeaturePlan.feature_names`: genes, sets, balances,
    lineages, proliferation.

    Attributes
    ----------
    genes
        The required genes; the columns of every array of values.
    location, scale
        (n_genes,) of the reference, for these genes.
    panel
        (n_panel,) columns of the genes that are features themselves.
    z_weights
        (n_genes, n_scores) weights on z values of the scores that are sums of them, up to
        lineage: sets and balances under mean_z, none under other scores.
    marker_weights
        (n_genes, 0 or 1) weights on z values of the proliferation score.
    """

    plan: FeaturePlan
    levels: tuple[Level, ...]
    score: ScoreName
    reference: Reference
    coding: LineageCoding
    genes: tuple[str, ...]
    location: FloatArray
    scale: FloatArray
    panel: npt.NDArray[np.intp]
    z_weights: FloatArray
    marker_weights: FloatArray

    @classmethod
    def of(
        cls,
        plan: FeaturePlan,
        genes: Sequence[str],
        *,
        levels: Sequence[Level],
        score: ScoreName,
        reference: Reference,
        coding: LineageCoding,
    ) -> FeatureArrays:
        """Lay out the features of a plan over the genes that they are computed from."""
        positions = reference.positions(genes)
        column = {gene: place for place, gene in enumerate(genes)}
        panel = [column[gene] for gene in plan.gene_panel if "genes" in levels]
        is_linear = score == "mean_z" and ("sets" in levels or "balances" in levels)
        markers = {PROLIFERATION: plan.proliferation_genes} if plan.proliferation_genes else {}
        return cls(
            plan=plan,
            levels=tuple(levels),
            score=score,
            reference=reference,
            coding=coding,
            genes=tuple(genes),
            location=reference.location[positions],
            scale=reference.scale[positions],
            panel=np.array(panel, dtype=np.intp),
            z_weights=_set_weights(plan, genes, levels) if is_linear else np.empty((len(genes), 0)),
            marker_weights=mean_weights(genes, markers),
        )

    @property
    def is_affine(self) -> bool:
        """Whether every feature is a sum of z values, of lineage columns, and nothing else."""
        return self.score == "mean_z" or not self._scores_sets

    def z(self, values: FloatArray) -> FloatArray:
        """Standardise samples x genes against the training cohort."""
        standardised: FloatArray = (values - self.location) / self.scale
        return standardised

    def features(self, values: FloatArray, lineage: npt.NDArray[np.intp]) -> FloatArray:
        """Compute the features of every sample; none depends on another sample.

        Parameters
        ----------
        values
            Samples x genes, float64, finite, log2 units of the training cohort.
        lineage
            (n_samples,) column of each lineage; -1 for one that is not known.

        Returns
        -------
        ndarray
            Samples x features, float64.
        """
        z = self.z(values)
        blocks = [z[:, self.panel], self._set_block(values, z), self.coding.encode_places(lineage)]
        return np.hstack([*blocks, z @ self.marker_weights])

    def z_map(self) -> FloatArray:
        """(n_genes, n_features) weights of every feature on z values; 0 for lineage columns.

        Only with `is_affine`: features are z @ z_map beside the lineage columns.
        """
        identity = np.eye(len(self.genes))[:, self.panel]
        no_gene = np.zeros((len(self.genes), len(self.coding.lineages)))
        return np.hstack([identity, self.z_weights, no_gene, self.marker_weights])

    @property
    def lineage_columns(self) -> slice:
        """Where the lineage columns are among the features."""
        start = len(self.panel) + self._n_set_columns
        return slice(start, start + len(self.coding.lineages))

    @property
    def n_features(self) -> int:
        """How many features there are."""
        n_genes, n_lineages = len(self.panel), len(self.coding.lineages)
        return n_genes + self._n_set_columns + n_lineages + int(self.marker_weights.shape[1])

    @property
    def _n_set_columns(self) -> int:
        n_sets = len(self.plan.set_genes) if "sets" in self.levels else 0
        return n_sets + len(self.plan.balances)

    @property
    def _scores_sets(self) -> bool:
        return "sets" in self.levels or "balances" in self.levels

    def _set_block(self, values: FloatArray, z: FloatArray) -> FloatArray:
        if self.is_affine:
            return z @ self.z_weights
        scored = rank_scores if self.score == "rank" else enrichment_scores
        scores = scored(values, self.plan.set_genes, self.reference)
        balances = scores @ balance_weights(list(self.plan.set_genes), self.plan.balances)
        return np.hstack([scores, balances]) if "sets" in self.levels else balances


def _set_weights(plan: FeaturePlan, genes: Sequence[str], levels: Sequence[Level]) -> FloatArray:
    sets = mean_weights(genes, plan.set_genes)
    balances = sets @ balance_weights(list(plan.set_genes), plan.balances)
    return np.hstack([sets, balances]) if "sets" in levels else balances
