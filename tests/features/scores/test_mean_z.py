import numpy as np
import pandas as pd
import pytest

from features.errors import CoverageError, GeneSetError
from features.reference import fit_reference
from features.scores import score_mean_z

TRAINING = pd.DataFrame({"A": [0.0, 2.0, 4.0], "B": [1.0, 2.0, 3.0], "C": [5.0, 5.0, 5.0]})
REFERENCE = fit_reference(TRAINING, expression_scale="rma_log2", with_quantiles=False)


def test_known_answer():
    """A has mean 2 and SD 2, B mean 2 and SD 1, C is constant at 5."""
    profile = pd.DataFrame({"C": [6.0], "B": [5.0], "A": [6.0]}, index=["p"])
    sets = {"both": ["A", "B"], "one": ["B"], "constant": ["C", "A"]}
    scores = score_mean_z(profile, sets, reference=REFERENCE)
    assert scores.loc["p"].to_dict() == {"both": 2.5, "one": 3.0, "constant": 1.5}


def test_genes_outside_the_universe_do_not_dilute_the_mean():
    profile = pd.DataFrame({"A": [6.0], "TP53": [100.0]})
    scores = score_mean_z(profile, {"s": ["A", "TP53", "A"]}, reference=REFERENCE)
    assert scores["s"].tolist() == [2.0]


def test_the_training_cohort_has_mean_zero():
    scores = score_mean_z(TRAINING, {"s": ["A", "B", "C"]}, reference=REFERENCE)
    assert np.mean(scores["s"]) == pytest.approx(0, abs=1e-12)


def test_a_universe_gene_that_the_profile_lacks_is_named():
    with pytest.raises(CoverageError, match="B"):
        score_mean_z(pd.DataFrame({"A": [1.0]}), {"s": ["A", "B"]}, reference=REFERENCE)


def test_a_set_outside_the_universe_is_named():
    with pytest.raises(GeneSetError, match="copper_import"):
        score_mean_z(TRAINING, {"copper_import": ["SLC31A1"]}, reference=REFERENCE)
