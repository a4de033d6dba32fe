"""A declared scale is held against the values, and values end in log2."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from features.errors import ScaleError
from features.expression import SCALES
from features.scales import check_scale, to_log2


def matrix(*values: float) -> NDArray[np.float32]:
    return np.array([values], dtype=np.float32)


LOG2_RNA = matrix(0, 0.5, 3.25, 12.5)
RMA = matrix(2.7, 6.1, 14.2)
LINEAR = matrix(0.2, 90.5, 50_000)
COUNTS = matrix(0, 7, 3_000)
Z_SCORES = matrix(-1.4, -0.2, 0.3, 1.5)


@pytest.mark.parametrize(
    ("scale", "values"),
    [
        ("log2_tpm", LOG2_RNA),
        ("log2_fpkm", LOG2_RNA),
        ("rma_log2", RMA),
        ("tpm", LINEAR),
        ("fpkm", LINEAR),
        ("mas5_linear", LINEAR),
        ("counts", COUNTS),
    ],
)
def test_values_of_a_scale_are_taken(scale, values):
    steps = check_scale(values, scale, source="table.csv")
    assert scale in steps[0]


@pytest.mark.parametrize(
    ("scale", "values", "fits"),
    [
        ("log2_tpm", LINEAR, "mas5_linear"),
        ("rma_log2", LINEAR, "mas5_linear"),
        ("rma_log2", COUNTS, "counts"),
        ("tpm", LOG2_RNA, "log2_tpm"),
        ("fpkm", RMA, "rma_log2"),
        ("counts", RMA, "rma_log2"),
        ("mas5_linear", RMA, "rma_log2"),
    ],
)
def test_a_contradiction_names_range_and_a_scale_that_fits(scale, values, fits):
    with pytest.raises(ScaleError) as error:
        check_scale(values, scale, source="table.csv")
    assert f"from {values.min():g} to {values.max():g}" in error.value.found
    assert fits in error.value.remedy
    assert scale not in error.value.remedy.split(", ")


@pytest.mark.parametrize("scale", SCALES)
def test_centred_values_fit_no_scale(scale):
    with pytest.raises(ScaleError, match="no scale taken here fits"):
        check_scale(Z_SCORES, scale, source="table.csv")


@pytest.mark.parametrize("scale", ["counts", "tpm", "fpkm", "mas5_linear"])
def test_negative_linear_values_are_refused(scale):
    with pytest.raises(ScaleError, match="below zero"):
        check_scale(matrix(-1, 5, 3_000), scale, source="table.csv")


def test_rsem_counts_may_be_fractional_and_it_is_said():
    steps = check_scale(matrix(0, 10.53, 3_000), "counts", source="table.csv")
    assert any("RSEM" in step for step in steps)


def test_few_values_just_below_zero_are_taken_and_said():
    values = np.full((10, 100), 5, dtype=np.float32)
    values[0, 0] = -0.6
    steps = check_scale(values, "log2_fpkm", source="table.csv")
    assert any("1 of 1,000 values" in step for step in steps)


def test_an_unknown_scale_is_refused():
    with pytest.raises(ScaleError, match="no scale 'log10'"):
        check_scale(RMA, "log10", source="table.csv")


def test_conversions_have_known_answers():
    np.testing.assert_allclose(to_log2(matrix(0, 1, 7), "tpm")[0], [[0, 1, 3]])
    np.testing.assert_allclose(to_log2(matrix(0, 1, 7), "fpkm")[0], [[0, 1, 3]])
    np.testing.assert_allclose(to_log2(matrix(0.2, 1, 8), "mas5_linear")[0], [[0, 0, 3]])
    per_million = np.log2(np.array([[250_001, 750_001]]))
    np.testing.assert_allclose(to_log2(matrix(1, 3), "counts")[0], per_million, rtol=1e-6)


@pytest.mark.parametrize("scale", ["log2_tpm", "log2_fpkm", "rma_log2"])
def test_log2_values_stay_as_they_are(scale):
    np.testing.assert_array_equal(to_log2(RMA.copy(), scale)[0], RMA)


def test_a_sample_without_counts_is_refused():
    with pytest.raises(ScaleError, match="no counts at all: in the order of the file, 2"):
        to_log2(np.array([[1, 2], [0, 0]], dtype=np.float32), "counts")
