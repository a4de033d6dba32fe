import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.alignment import align, choose_alignment
from features.errors import CellError, CoverageError, GeneIdError, ScaleError
from features.reference import fit_reference

N_GENES = 400
METHODS = ("quantile", "rank")


def draw_samples(n_samples, *, seed):
    """Genes that differ in level and in spread, as genes do."""
    levels = np.random.default_rng(0).uniform(2, 14, N_GENES)
    spreads = np.random.default_rng(1).uniform(0.3, 1.5, N_GENES)
    values = np.random.default_rng(seed).normal(levels, spreads, (n_samples, N_GENES))
    return pd.DataFrame(
        values.astype(np.float32),
        columns=[f"G{i:03}" for i in range(N_GENES)],
        index=[f"sample{i}" for i in range(n_samples)],
    )


REFERENCE = fit_reference(draw_samples(200, seed=2), expression_scale="rma_log2")


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_of_the_training_distribution_stays_where_it_is(method):
    fresh = draw_samples(20, seed=5)
    moved = (align(fresh, REFERENCE, method=method) - fresh).abs().to_numpy()
    # Genes lie 3.5 apart (SD) and vary by 0.9; a sample's ranks move it by a seventh of that.
    assert moved.mean() < 0.15


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_the_same_holds_for_a_part_of_the_genes(method, seed):
    fresh = draw_samples(20, seed=5)
    rng = np.random.default_rng(seed)
    some = sorted(rng.choice(fresh.columns, N_GENES // 3, replace=False))
    moved = (align(fresh[some], REFERENCE, method=method) - fresh[some]).abs().to_numpy()
    assert moved.mean() < 0.25


@pytest.mark.parametrize("method", METHODS)
def test_a_biased_part_of_the_genes_keeps_its_level(method):
    """A panel of highly expressed genes must not be spread over the whole range."""
    fresh = draw_samples(20, seed=5)
    high = [
        gene for gene, level in zip(REFERENCE.genes, REFERENCE.location, strict=True) if level > 10
    ]
    shift = (align(fresh[high], REFERENCE, method=method) - fresh[high]).to_numpy().mean()
    assert abs(shift) < 0.1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "change",
    [lambda v: 3 * v - 100, np.exp2, lambda v: v**3, lambda v: np.log2(np.exp2(v) + 1)],
    ids=["affine", "linear_scale", "cubed", "log_plus_one"],
)
def test_a_strictly_increasing_change_of_the_values_changes_nothing(method, change):
    fresh = draw_samples(3, seed=7).astype(np.float64)
    pd.testing.assert_frame_equal(
        align(change(fresh), REFERENCE, method=method), align(fresh, REFERENCE, method=method)
    )


@pytest.mark.parametrize("method", ["none", *METHODS])
@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(6)), keep=st.integers(1, 6), seed=st.integers(0, 99))
def test_a_sample_depends_on_no_other_sample_nor_on_gene_order(method, order, keep, seed):
    fresh = draw_samples(6, seed=11)
    mixed = fresh.iloc[order[:keep]].sample(frac=1, axis=1, random_state=seed)
    mixed = mixed.assign(ELSEWHERE=1000.0)
    expected = align(fresh, REFERENCE, method=method).iloc[order[:keep]]
    pd.testing.assert_frame_equal(align(mixed, REFERENCE, method=method), expected, rtol=1e-12)


def test_quantile_known_answer():
    """Two genes, one at 0 or 1 and one at 10 or 11: the lower takes the lower half."""
    training = pd.DataFrame({"LOW": [0.0, 1.0], "HIGH": [10.0, 11.0]})
    reference = fit_reference(training, expression_scale="rma_log2")
    profile = pd.DataFrame({"LOW": [-7.0], "HIGH": [55.0]}, index=["p"])
    aligned = align(profile, reference, method="quantile")
    assert aligned.loc["p", "LOW"] == pytest.approx(0.5, abs=0.05)
    assert aligned.loc["p", "HIGH"] == pytest.approx(10.5, abs=0.05)


def test_quantile_gives_tied_genes_the_middle_of_their_places():
    profile = pd.DataFrame([np.full(N_GENES, 4.0)], columns=REFERENCE.genes)
    aligned = align(profile, REFERENCE, method="quantile").to_numpy()
    assert np.ptp(aligned) == 0
    assert aligned[0, 0] == pytest.approx(np.median(REFERENCE.quantiles), abs=0.01)


def test_rank_known_answer():
    training = pd.DataFrame({"A": [1.0, 5.0, 1.0], "B": [2.0, 4.0, 3.0], "C": [3.0, 3.0, 9.0]})
    reference = fit_reference(training, expression_scale="rma_log2")
    # Ranks of A are 1, 3, 1: in (0, 1) they are 1/6, 5/6, 1/6.
    location, scale = np.mean([1 / 6, 5 / 6, 1 / 6]), np.std([1 / 6, 5 / 6, 1 / 6], ddof=1)
    profile = pd.DataFrame({"A": [20.0], "B": [10.0], "C": [0.0]})
    z = (5 / 6 - location) / scale
    expected = np.mean([1, 5, 1]) + np.std([1, 5, 1], ddof=1) * z
    assert align(profile, reference, method="rank")["A"].item() == pytest.approx(expected)


def test_columns_are_the_shared_genes_in_universe_order():
    fresh = draw_samples(2, seed=3)[["G300", "G007", "G100"]].assign(TP53=1.0)
    for method in ("none", *METHODS):
        assert list(align(fresh, REFERENCE, method=method)) == ["G007", "G100", "G300"]
    none = align(fresh, REFERENCE, method="none")
    np.testing.assert_array_equal(none.to_numpy(), fresh[list(none)].to_numpy(dtype=np.float64))


def test_choice_follows_the_scale():
    assert choose_alignment("rma_log2", REFERENCE) == "none"
    assert choose_alignment("log2_tpm", REFERENCE) == "quantile"


def test_bad_input_is_refused():
    fresh = draw_samples(2, seed=3)
    lean = fit_reference(fresh, expression_scale="rma_log2", with_quantiles=False)
    with pytest.raises(ScaleError, match="without quantiles"):
        align(fresh, lean, method="rank")
    assert len(align(fresh, lean, method="none")) == 2
    with pytest.raises(ScaleError, match="combat"):
        align(fresh, REFERENCE, method="combat")
    with pytest.raises(CoverageError, match="None of the 1 genes"):
        align(pd.DataFrame({"TP53": [1.0]}), REFERENCE, method="quantile")
    with pytest.raises(GeneIdError, match="G000"):
        align(fresh[["G000", "G000"]], REFERENCE, method="quantile")
    fresh.loc["sample1", "G001"] = np.nan
    with pytest.raises(CellError, match="G001 of sample sample1"):
        align(fresh, REFERENCE, method="quantile")
