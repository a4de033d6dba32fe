import gseapy
import numpy as np
import pandas as pd
import pytest

from features.errors import CoverageError, GeneSetError
from features.reference import fit_reference
from features.scores import score_enrichment


def reference_over(expression):
    return fit_reference(expression, expression_scale="rma_log2", with_quantiles=False)


def test_known_answer_by_walking():
    """Four genes from high to low D, C, B, A; the set is D and B, of ranks 4 and 2.

    Seen of the set after each step: w4 / w, w4 / w, 1, 1; seen of the others: 0, 1/2, 1/2, 1.
    """
    training = pd.DataFrame([[1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 3.0, 5.0]], columns=list("ABCD"))
    first = 4**0.25 / (4**0.25 + 2**0.25)
    expected = (first - 0) + (first - 1 / 2) + (1 - 1 / 2) + (1 - 1)
    scores = score_enrichment(training, {"s": ["B", "D"]}, reference=reference_over(training))
    assert scores["s"].tolist() == pytest.approx([expected, expected], rel=1e-12)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_gseapy_where_no_values_are_tied(seed):
    """Oracle: raw scores of gseapy, which ranks, weighs and sums as Barbie 2009 does."""
    rng = np.random.default_rng(seed)
    genes = [f"G{i:03}" for i in range(300)]
    expression = pd.DataFrame(
        rng.normal(7, 2, (5, 300)), columns=genes, index=[f"s{i}" for i in range(5)]
    )
    sets = {f"set{n}": list(rng.choice(genes, n, replace=False)) for n in (2, 5, 20, 100)}
    oracle = gseapy.ssgsea(
        data=expression.T,
        gene_sets=sets,
        sample_norm_method="rank",
        correl_norm_type="rank",
        weight=0.25,
        min_size=1,
        max_size=1000,
        permutation_num=0,
        outdir=None,
        threads=1,
        no_plot=True,
    ).res2d
    expected = oracle.pivot(index="Name", columns="Term", values="ES").astype(float)  # noqa: PD010
    scores = score_enrichment(expression, sets, reference=reference_over(expression))
    expected = expected.loc[scores.index, scores.columns]
    np.testing.assert_allclose(scores.to_numpy(), expected.to_numpy(), rtol=1e-6)


def test_extremes():
    """A single gene at the top leads by all steps but those of the others."""
    training = pd.DataFrame([np.arange(9.0), np.arange(9.0) ** 2], columns=list("ABCDEFGHI"))
    scores = score_enrichment(
        training, {"top": ["I"], "bottom": ["A"]}, reference=reference_over(training)
    )
    assert scores.iloc[0].tolist() == pytest.approx([4.5, -4.5])


def test_other_samples_and_other_genes_change_nothing():
    rng = np.random.default_rng(8)
    training = pd.DataFrame(rng.normal(size=(20, 50)), columns=[f"G{i}" for i in range(50)])
    reference = reference_over(training)
    sets = {"s": ["G1", "G5", "G9"], "t": ["G2", "G40"]}
    together = score_enrichment(training, sets, reference=reference)
    for sample in training.index:
        alone = training.loc[[sample]].assign(TP53=99.0)
        pd.testing.assert_frame_equal(
            score_enrichment(alone, sets, reference=reference), together.loc[[sample]], rtol=1e-12
        )


def test_tied_profiles_score_zero():
    """Where every gene is tied nothing is enriched, whatever the order of the columns."""
    training = pd.DataFrame(np.random.default_rng(1).normal(size=(3, 6)), columns=list("ABCDEF"))
    flat = pd.DataFrame([[2.0] * 6], columns=list("ABCDEF"))
    scores = score_enrichment(flat, {"s": ["A", "E"]}, reference=reference_over(training))
    assert scores["s"].tolist() == pytest.approx([0.0], abs=1e-12)


def test_bad_input_is_refused():
    training = pd.DataFrame([[1.0, 2.0], [2.0, 5.0]], columns=["A", "B"])
    reference = reference_over(training)
    with pytest.raises(GeneSetError, match="all 2 genes"):
        score_enrichment(training, {"everything": ["A", "B"]}, reference=reference)
    with pytest.raises(CoverageError, match="B"):
        score_enrichment(training[["A"]], {"s": ["A"]}, reference=reference)
