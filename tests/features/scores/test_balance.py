import pandas as pd
import pytest

from features.errors import GeneSetError
from features.gene_sets import Balance
from features.scores import score_balances

FISSION_AGAINST_FUSION = Balance("fission_against_fusion", "fission", "fusion", "title", "source")


def test_known_answer():
    scores = pd.DataFrame({"fission": [1.5, -1.0], "fusion": [0.5, 2.0]}, index=["a", "b"])
    balances = score_balances(scores, [FISSION_AGAINST_FUSION])
    assert balances.to_dict() == {"fission_against_fusion": {"a": 1.0, "b": -3.0}}


def test_no_balance_is_an_empty_table_of_the_same_samples():
    scores = pd.DataFrame({"fission": [1.5, -1.0]}, index=["a", "b"])
    assert score_balances(scores, []).shape == (2, 0)


def test_a_set_without_a_score_is_named():
    with pytest.raises(GeneSetError, match="fission_against_fusion lacks a score for fusion"):
        score_balances(pd.DataFrame({"fission": [1.5]}), [FISSION_AGAINST_FUSION])
