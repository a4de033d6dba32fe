"""The features that controls use are those that classifiers use."""

import numpy as np

from features.feature_plan import plan_features
from features.gene_sets import load_gene_sets
from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.simulated import simulate_cohort


def test_they_equal_the_transformer_fitted_to_the_same_lines() -> None:
    cohort = simulate_cohort(0, 60, ["Cisplatin"])
    expression = cohort.expression.values
    train, test = np.arange(40), np.arange(40, 60)
    tables = FoldTables.learn(
        expression, cohort.lineage, train, lineage_minimum=5, lineage_weight=6.0
    )
    plan = plan_features(
        load_gene_sets(), expression.columns, levels=("genes", "sets", "balances"), covariates=()
    )
    algebra = PanelAlgebra.of_plan(plan)
    features = np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])
    samples = expression.assign(**{LINEAGE_COLUMN: cohort.lineage})
    transformer = GeneSetFeatures(load_gene_sets(), lineage_weight=6.0, with_quantiles=False)
    transformer.fit(samples.iloc[train])
    np.testing.assert_allclose(features[test], transformer.transform(samples.iloc[test]), atol=1e-9)
