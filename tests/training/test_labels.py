from __future__ import annotations

import numpy as np
import pytest

from training.errors import LabelError
from training.labels import label_response


def label(response, **options):
    options = {"drug": "Cisplatin", "kind": "ln_ic50", **options}
    return label_response(np.asarray(response, dtype=float), **options)


def test_the_lowest_third_is_sensitive():
    response = np.random.default_rng(0).permutation(np.arange(30.0))
    is_sensitive, card = label(response)
    assert sorted(response[is_sensitive]) == list(range(10))
    assert (card.method, card.cut_off, card.n_sensitive, card.n_resistant) == ("tertile", 9, 10, 20)


@pytest.mark.parametrize("n_lines", [30, 31, 32, 33, 100])
def test_a_third_is_rounded_down(n_lines):
    assert label(np.arange(n_lines))[0].sum() == n_lines // 3


def test_lines_at_the_cut_off_are_on_the_same_side():
    is_sensitive, card = label([0.0] * 8 + [1.0] * 8 + [2.0] * 14)
    assert is_sensitive.sum() == 16
    assert card.cut_off == 1.0


def test_waterfall_cuts_where_the_curve_bends():
    # A steep flank of 20 lines, then a plateau: the bend is its first line.
    response = np.concatenate([np.linspace(-10, 0, 21), np.linspace(0.01, 0.4, 40)])
    is_sensitive, card = label(response, method="waterfall")
    assert card.cut_off == pytest.approx(0)
    assert is_sensitive.sum() == 21


def test_waterfall_cuts_a_straight_curve_at_its_median():
    is_sensitive, card = label(np.arange(41.0), method="waterfall")
    assert card.cut_off == 20
    assert is_sensitive.sum() == 21


def test_a_threshold_is_taken_as_it_is():
    is_sensitive, card = label(np.arange(40.0), method="threshold", threshold=14.5)
    assert is_sensitive.sum() == 15
    assert card.cut_off == 14.5


def test_responders_are_sensitive_whatever_the_method():
    is_sensitive, card = label([0.0] * 12 + [1.0] * 20, kind="clinical_response")
    assert is_sensitive.tolist() == [True] * 12 + [False] * 20
    assert (card.method, card.cut_off_um) == ("clinical", None)


def test_the_cut_off_is_given_in_micromolar_too():
    assert label(np.arange(30.0))[1].cut_off_um == pytest.approx(np.exp(9))
    assert label(np.arange(30.0), kind="dose_response_auc")[1].cut_off_um is None


@pytest.mark.parametrize(
    ("tested_range", "outside", "beyond"),
    [
        ((0.0, 20.0), False, 9 / 30),
        ((10.0, 40.0), True, 0.0),
        ((-5.0, 8.0), True, 21 / 30),
        ((-5.0, 9.0), False, 20 / 30),
        ((np.nan, 9.0), None, None),
        (None, None, None),
    ],
)
def test_the_card_says_what_lies_outside_the_tested_range(tested_range, outside, beyond):
    _, card = label(np.arange(30.0), tested_range=tested_range)
    assert card.outside_tested_range is outside
    assert card.share_beyond_tested_range == (None if beyond is None else pytest.approx(beyond))


def test_a_range_of_concentrations_says_nothing_of_a_dose_response_auc():
    _, card = label(np.linspace(0, 1, 30), kind="dose_response_auc", tested_range=(-7.0, 2.3))
    assert card.outside_tested_range is None
    assert card.to_json()["maximum_tested_ln_um"] is None


@pytest.mark.parametrize(
    ("response", "found"),
    [
        ([], "0 sensitive and 0 resistant"),
        (np.arange(29), "9 sensitive and 20 resistant"),
        (np.ones(50), "50 sensitive and 0 resistant"),
    ],
)
def test_too_few_of_a_class_is_an_error_with_both_counts(response, found):
    with pytest.raises(LabelError, match=found) as refused:
        label(response)
    assert "at least 10 of each" in str(refused.value)
    assert "Cisplatin" in str(refused.value)


def test_a_threshold_must_be_given():
    with pytest.raises(LabelError, match="none was given"):
        label(np.arange(40.0), method="threshold")
