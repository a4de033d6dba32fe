import pandas as pd
import pytest

from features.errors import CoverageError, GeneSetError
from features.reference import fit_reference
from features.scores import score_rank

GENES = list("ABCDEFGHIJ")
TRAINING = pd.DataFrame([range(10), range(1, 11)], columns=GENES, dtype=float)
REFERENCE = fit_reference(TRAINING, expression_scale="rma_log2", with_quantiles=False)


def test_singscore_known_answer():
    """Ten genes; a set of three has mean ranks between 2 and 9.

    Ranks 3, 5 and 10 have the mean 6, so (6 - 2) / (9 - 2) - 0.5 = 1/14.
    """
    scores = score_rank(TRAINING, {"s": ["C", "E", "J"]}, reference=REFERENCE)
    assert scores["s"].tolist() == pytest.approx([1 / 14, 1 / 14])


@pytest.mark.parametrize(
    ("genes", "score"), [(["A", "B"], -0.5), (["I", "J"], 0.5), (["A", "J"], 0.0), (["J"], 0.5)]
)
def test_extremes_and_the_middle(genes, score):
    scores = score_rank(TRAINING, {"s": genes}, reference=REFERENCE)
    assert scores["s"].tolist() == pytest.approx([score, score])


def test_tied_genes_share_their_mean_rank():
    tied = pd.DataFrame([[1.0] * 10], columns=GENES)
    assert score_rank(tied, {"s": ["A", "F"]}, reference=REFERENCE)["s"].tolist() == [0.0]


def test_genes_outside_the_universe_take_no_part():
    wider = TRAINING.assign(TP53=-50.0, OPA1=90.0)
    sets = {"s": ["C", "E", "J", "TP53"]}
    pd.testing.assert_frame_equal(
        score_rank(wider, sets, reference=REFERENCE),
        score_rank(TRAINING, sets, reference=REFERENCE),
    )


def test_every_universe_gene_is_needed():
    with pytest.raises(CoverageError, match="H"):
        score_rank(TRAINING.drop(columns="H"), {"s": ["A"]}, reference=REFERENCE)


def test_a_set_of_the_whole_universe_is_refused():
    with pytest.raises(GeneSetError, match="all 10 genes"):
        score_rank(TRAINING, {"everything": GENES}, reference=REFERENCE)
