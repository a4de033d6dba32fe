import json

import numpy as np
import pandas as pd
import pytest

from features.errors import CellError, FormatError, GeneIdError, SampleError, ScaleError
from features.reference import ARRAYS, Reference, fit_reference


@pytest.fixture
def expression():
    return pd.DataFrame(
        {"LIAS": [1.0, 2.0, 3.0, 6.0], "FDX1": [5.0, 5.0, 5.0, 5.0], "DLAT": [0.0, 1.0, 2.0, 3.0]},
        index=list("abcd"),
    )


def many_samples(n_samples=60, n_genes=40):
    rng = np.random.default_rng(3)
    values = rng.normal(7, 2, (n_samples, n_genes)).astype(np.float32)
    return pd.DataFrame(values, columns=[f"G{i:03}" for i in range(n_genes)])


def test_location_and_scale_by_hand(expression):
    reference = fit_reference(expression, expression_scale="rma_log2")
    assert reference.genes == ("DLAT", "FDX1", "LIAS")
    assert reference.location.tolist() == [1.5, 5.0, 3.0]
    assert reference.scale[0] == pytest.approx(np.sqrt(5 / 3))  # (2.25+0.25+0.25+2.25) / 3
    assert reference.scale[2] == pytest.approx(np.sqrt(14 / 3))  # (4+1+0+9) / 3
    assert reference.n_samples == 4
    assert reference.expression_scale == "rma_log2"


def test_constant_genes_get_scale_one_and_are_listed(expression):
    reference = fit_reference(expression, expression_scale="rma_log2")
    assert reference.constant_genes == ("FDX1",)
    assert reference.scale[1] == 1.0


def test_a_constant_float32_that_is_no_binary_fraction_counts_as_constant():
    values = np.full((50, 1), 3.3, dtype=np.float32)
    reference = fit_reference(pd.DataFrame(values, columns=["A"]), expression_scale="log2_tpm")
    assert reference.constant_genes == ("A",)


def test_quantiles_by_hand(expression):
    reference = fit_reference(expression, expression_scale="rma_log2")
    levels, quantiles = reference.quantile_levels, reference.quantiles[2]
    # Of 1, 2, 3, 6 the k-th stands at (k - 0.5) / 4, so half-way between 2 and 3 is the median.
    assert np.interp(0.5, levels, quantiles) == pytest.approx(2.5)
    assert (quantiles[0], quantiles[-1]) == (1.0, 6.0)
    assert (np.diff(reference.quantiles, axis=1) >= 0).all()
    assert reference.quantiles.dtype == np.float32


def test_rank_location_by_hand(expression):
    reference = fit_reference(expression, expression_scale="rma_log2")
    # Ranks of FDX1 among three genes are 3, 3, 3, 2, so (rank - 0.5) / 3 is 5/6, 5/6, 5/6, 1/2.
    assert reference.rank_location[1] == pytest.approx((3 * 5 / 6 + 1 / 2) / 4)


def test_what_folds_leave_out_changes_nothing_else():
    full = fit_reference(many_samples(), expression_scale="rma_log2")
    lean = fit_reference(many_samples(), expression_scale="rma_log2", with_quantiles=False)
    assert full.has_quantiles
    assert not lean.has_quantiles
    np.testing.assert_array_equal(full.location, lean.location)
    np.testing.assert_array_equal(full.scale, lean.scale)


def test_gene_order_and_memory_layout_change_no_bit():
    expression = many_samples()
    mixed = expression.sample(frac=1, axis=1, random_state=1)
    other_layout = pd.DataFrame(
        np.asfortranarray(expression.to_numpy()), columns=expression.columns
    )
    expected = fit_reference(expression, expression_scale="rma_log2").to_arrays()
    for variant in (mixed, other_layout):
        arrays = fit_reference(variant, expression_scale="rma_log2").to_arrays()
        for name in ARRAYS:
            np.testing.assert_array_equal(arrays[name], expected[name])


@pytest.mark.parametrize("with_quantiles", [True, False])
def test_round_trip_through_npz_and_json_is_exact(tmp_path, with_quantiles):
    reference = fit_reference(
        many_samples(), expression_scale="rma_log2", with_quantiles=with_quantiles
    )
    np.savez(tmp_path / "reference.npz", **reference.to_arrays())
    meta = json.loads(json.dumps(reference.to_meta(), sort_keys=True))
    with np.load(tmp_path / "reference.npz", allow_pickle=False) as stored:
        restored = Reference.from_arrays(dict(stored), meta)
    for name in ARRAYS:
        before, after = getattr(reference, name), getattr(restored, name)
        assert before.dtype == after.dtype
        assert before.tobytes() == after.tobytes()
    assert restored.to_meta() == reference.to_meta()


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("location", lambda a: a[:-1], "location of shape"),
        ("quantiles", lambda a: a[:, :3], "quantiles of shape"),
        ("scale", lambda a: np.where(a > 0, np.nan, a), "not finite"),
        ("scale", lambda a: a * 0, "not positive"),
    ],
)
def test_damaged_arrays_are_refused(name, damage, message):
    reference = fit_reference(many_samples(), expression_scale="rma_log2")
    arrays = reference.to_arrays()
    arrays[name] = damage(arrays[name])
    with pytest.raises(FormatError, match=message):
        Reference.from_arrays(arrays, reference.to_meta())


def test_absent_parts_are_named():
    reference = fit_reference(many_samples(), expression_scale="rma_log2")
    arrays = reference.to_arrays()
    del arrays["scale"]
    with pytest.raises(FormatError, match="lacks scale"):
        Reference.from_arrays(arrays, reference.to_meta())


def test_bad_input_is_refused(expression):
    with pytest.raises(SampleError, match="1 samples"):
        fit_reference(expression.iloc[:1], expression_scale="rma_log2")
    with pytest.raises(GeneIdError, match="no gene"):
        fit_reference(expression.iloc[:, :0], expression_scale="rma_log2")
    with pytest.raises(GeneIdError, match="more than once: LIAS"):
        fit_reference(expression[["LIAS", "LIAS"]], expression_scale="rma_log2")
    with pytest.raises(CellError):
        fit_reference(expression.replace(6.0, np.nan), expression_scale="rma_log2")
    with pytest.raises(ScaleError, match="log10"):
        fit_reference(expression, expression_scale="log10")


def test_genes_outside_the_universe_are_named(expression):
    reference = fit_reference(expression, expression_scale="rma_log2")
    assert reference.positions(["LIAS", "DLAT"]).tolist() == [2, 0]
    with pytest.raises(GeneIdError, match="TP53"):
        reference.positions(["LIAS", "TP53"])
