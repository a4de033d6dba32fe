import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from features.ranks import mid_ranks_in_unit_interval, within_sample_ranks


def test_ties_share_their_mean_rank():
    values = np.array([[3.0, 1.0, 2.0, 1.0], [5.0, 5.0, 5.0, 5.0], [4.0, 3.0, 2.0, 1.0]])
    ranks = within_sample_ranks(values)
    assert ranks.tolist() == [[4, 1.5, 3, 1.5], [2.5, 2.5, 2.5, 2.5], [4, 3, 2, 1]]


def test_unit_interval_is_symmetric_about_its_middle():
    scaled = mid_ranks_in_unit_interval(np.array([[10.0, 20.0, 30.0, 40.0]]))
    assert scaled.tolist() == [[0.125, 0.375, 0.625, 0.875]]


@given(arrays(np.float64, (3, 17), elements=st.integers(-4, 4).map(float)))
def test_agrees_with_scipy_on_many_ties(values):
    np.testing.assert_array_equal(
        within_sample_ranks(values), rankdata(values, method="average", axis=1)
    )
