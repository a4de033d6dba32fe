"""Features of a panel, and of panels that stand in for it, from one table of z values.

The true panel's features are those of `features.transformer.GeneSetFeatures` (a test holds them
equal); a random panel takes other genes through the same set means and balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.feature_plan import FeaturePlan
from features.lineage import fit_lineage_coding
from training.metrics import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class PanelAlgebra:
    """How z values of panel genes become set scores and balances.

    Attributes
    ----------
    panel
        Genes, in the order of the rows of `set_means`.
    set_means
        (n_panel_genes, n_sets): z of the genes @ set_means = mean z of every set.
    balances
        (n_sets, n_balances): set scores @ balances = differences of two sets.
    """

    panel: tuple[str, ...]
    set_means: FloatArray
    balances: FloatArray

    @classmethod
    def of_plan(cls, plan: FeaturePlan) -> PanelAlgebra:
        """Algebra of the gene sets that a cohort allows."""
        place = {gene: row for row, gene in enumerate(plan.gene_panel)}
        set_means = np.zeros((len(place), len(plan.set_genes)))
        for column, genes in enumerate(plan.set_genes.values()):
            set_means[[place[gene] for gene in genes], column] = 1 / len(genes)
        sets = list(plan.set_genes)
        balances = np.zeros((len(sets), len(plan.balances)))
        for column, balance in enumerate(plan.balances):
            balances[sets.index(balance.numerator), column] = 1.0
            balances[sets.index(balance.denominator), column] = -1.0
        return cls(plan.gene_panel, set_means, balances)

    def features(self, z_of_genes: FloatArray) -> FloatArray:
        """(n_lines, n_panel_genes) z values to (n_lines, genes + sets + balances)."""
        scores = z_of_genes @ self.set_means
        return np.hstack([z_of_genes, scores, scores @ self.balances])


@dataclass(frozen=True, slots=True)
class FoldTables:
    """What one fold's training lines teach about all lines.

    Attributes
    ----------
    z
        (n_lines, n_genes) z of every gene of the cohort against the training lines.
    lineage
        (n_lines, n_lineages) columns of the lineages that the training lines hold often enough.
    """

    genes: pd.Index
    z: FloatArray
    lineage: FloatArray

    @classmethod
    def learn(
        cls,
        expression: pd.DataFrame,
        lineage: pd.Series[str],
        train: IntArray,
        *,
        lineage_minimum: int,
        lineage_weight: float,
    ) -> FoldTables:
        """Learn location, scale and lineages from the training lines alone."""
        values = expression.to_numpy(dtype=np.float64)
        location = values[train].mean(axis=0)
        scale = values[train].std(axis=0, ddof=1)
        coding = fit_lineage_coding(
            lineage.iloc[train], minimum=lineage_minimum, weight=lineage_weight
        )
        z = (values - location) / np.where(scale > 1e-6, scale, 1.0)
        return cls(expression.columns, z, coding.encode(lineage))

    def of(self, genes: Sequence[str] | npt.NDArray[np.str_]) -> FloatArray:
        """(n_lines, n_genes) z of some genes, in their order."""
        return self.z[:, self.genes.get_indexer(pd.Index(genes))]
