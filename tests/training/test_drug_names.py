from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.drug_names import check_drug_names, correct_drug_names
from training.errors import JoiningError
from training.response import RawResponse, lines_frame, screens_frame

DRUGS = ["Cisplatin", "Docetaxel", "Gemcitabine", "Olaparib"]


def a_response(values: pd.DataFrame) -> RawResponse:
    names = [str(name) for name in values.columns]
    return RawResponse(values, lines_frame(values.index), screens_frame(names), "dose_response_auc")


@pytest.fixture
def anchor() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    models = [f"ACH-{number}" for number in range(200)]
    return pd.DataFrame(rng.random((200, 4)), index=models, columns=DRUGS)


def test_names_that_hold_are_kept(anchor: pd.DataFrame) -> None:
    table = anchor.rename(columns=str.upper)
    check = check_drug_names(a_response(table), a_response(anchor))
    assert check.names_hold
    assert check.median == pytest.approx(1.0)
    corrected = correct_drug_names(a_response(table), check)
    pd.testing.assert_frame_equal(corrected.values, table)


def test_names_of_a_header_sorted_apart_are_replaced_by_what_the_values_prove(
    anchor: pd.DataFrame,
) -> None:
    rng = np.random.default_rng(2)
    # The header is turned by one; the last column holds a drug that the anchor does not know.
    table = pd.concat([anchor[DRUGS[1:]], pd.Series(rng.random(200), anchor.index)], axis=1)
    table.columns = pd.Index(DRUGS)
    check = check_drug_names(a_response(table), a_response(anchor))
    assert not check.names_hold
    corrected = correct_drug_names(a_response(table), check)
    assert corrected.screens["name"].tolist() == DRUGS[1:]
    assert "DO NOT BELONG" in corrected.steps[-1]


def test_names_that_nothing_proves_are_refused(anchor: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((200, 4)), index=anchor.index, columns=DRUGS)
    check = check_drug_names(a_response(table), a_response(anchor))
    with pytest.raises(JoiningError, match="do not belong to the values"):
        correct_drug_names(a_response(table), check)


def test_missing_values_do_not_disturb_the_correlation(anchor: pd.DataFrame) -> None:
    table = anchor.rename(columns=str.upper).mask(np.random.default_rng(4).random((200, 4)) < 0.3)
    check = check_drug_names(a_response(table), a_response(anchor))
    expected = [table[name.upper()].corr(anchor[name]) for name in DRUGS]
    assert check.agreement.tolist() == pytest.approx(expected)


def test_too_few_shared_models_prove_nothing(anchor: pd.DataFrame) -> None:
    with pytest.raises(JoiningError, match="cannot be checked"):
        check_drug_names(a_response(anchor[:50]), a_response(anchor))
