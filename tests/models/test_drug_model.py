from dataclasses import replace

import numpy as np
import pytest

from models.drug_model import score_drugs
from models.errors import ModelsError
from models.linear import LinearScore


def test_all_drugs_at_once_equal_one_by_one(bundle):
    features = np.random.default_rng(0).normal(size=(9, len(bundle.features.feature_names_)))
    models = list(bundle.drugs.values())
    one_by_one = np.column_stack([model.score(features) for model in models])
    np.testing.assert_allclose(score_drugs(models, features), one_by_one, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(score_drugs(models[::-1], features)[:, ::-1].shape, (9, 4))


def test_a_score_is_linear_or_trees(bundle):
    linear, grown = bundle.drugs["Cisplatin"], bundle.drugs["Elesclomol"]
    with pytest.raises(ModelsError, match="both a linear score and trees, or neither"):
        replace(linear, linear=None)
    with pytest.raises(ModelsError, match="both a linear score and trees, or neither"):
        replace(linear, trees=grown.trees)


def test_a_status_out_of_the_rule_is_refused(bundle):
    with pytest.raises(ModelsError, match="supported, exploratory, withheld"):
        replace(bundle.drugs["Cisplatin"], status="promising")


@pytest.mark.parametrize("coefficients", [np.array([np.nan]), np.zeros((2, 2))])
def test_coefficients_that_are_no_numbers_are_refused(coefficients):
    with pytest.raises(ModelsError, match="finite"):
        LinearScore(coefficients, 0.0)
