import numpy as np
import pytest

from features.errors import CellError, ScaleError
from models.errors import PredictionError
from models.profile_values import declared, log2_of, refuse_flat, refuse_non_finite


def test_a_scale_has_to_be_declared():
    assert declared("tpm") == "tpm"
    with pytest.raises(ScaleError, match="No scale was declared"):
        declared(None)


def test_values_go_to_log2_with_what_was_done():
    values, steps = log2_of(np.array([[0, 1, 1023]], np.float32), "tpm", source="it")
    assert values.tolist() == [[0, 1, 10]]
    assert steps[-1] == "Converted to log2(x + 1)."


def test_values_that_contradict_their_scale_are_refused():
    with pytest.raises(ScaleError, match="it was declared tpm"):
        log2_of(np.array([[0, 1, 10]], np.float32), "tpm", source="it")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_with_their_place(value):
    values = np.ones((3, 2), np.float32)
    refuse_non_finite(values, ["FDX1", "LIAS"], source="it")
    values[2, 1] = value
    with pytest.raises(CellError, match=r"1 values of it .* gene LIAS of sample number 3"):
        refuse_non_finite(values, ["FDX1", "LIAS"], source="it")


def test_a_flat_profile_is_refused_by_name():
    values = np.array([[1, 1, 2], [4, 4, 4], [1, 2, 2]], np.float32)
    with pytest.raises(PredictionError, match=r"1 profiles have one value for all genes \(b\)"):
        refuse_flat(values, ["a", "b", "c"])
    refuse_flat(values[[0, 2]], ["a", "c"])
    refuse_flat(values[:, :1], ["a", "b", "c"])  # one gene has nothing to differ from
