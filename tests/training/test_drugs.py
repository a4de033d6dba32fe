from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.drugs import describe_merging, drug_key, match_drugs, merge_screens
from training.errors import CatalogueError
from training.response import RawResponse, lines_frame, screens_frame


def a_response(values: dict[str, list[float]], names: list[str]) -> RawResponse:
    frame = pd.DataFrame(values, index=["A", "B", "C"], dtype=float)
    screens = screens_frame(list(values)).assign(name=names)
    return RawResponse(frame, lines_frame(frame.index), screens, "ln_ic50")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VENETOCLAX", "VENOTOCLAX"),
        ("5-Fluorouracil", "FLUOROURACIL"),
        ("5-FU", "5-fluorouracil"),
        ("Tozasertib", "TOZASERTIB "),
        ("TW 37", "TW-37"),
        ("cis-platin", "Cisplatin"),
    ],
)
def test_two_spellings_are_one_drug(one: str, other: str) -> None:
    assert drug_key(one) == drug_key(other)


def test_different_drugs_stay_different() -> None:
    assert drug_key("ARA-G") != drug_key("ARA-C")
    assert drug_key("Bleomycin") != drug_key("Bleomycin (50 uM)")


def test_requests_match_whatever_their_case_in_the_order_asked_for() -> None:
    available = ["Cisplatin", "5-Fluorouracil", "Docetaxel"]
    assert match_drugs(["docetaxel", "5-FU", "DOCETAXEL"], available) == [
        "Docetaxel",
        "5-Fluorouracil",
    ]


def test_an_unknown_drug_gets_suggestions() -> None:
    with pytest.raises(CatalogueError, match="did you mean Cisplatin") as raised:
        match_drugs(["cysplatin", "zzzz"], ["Cisplatin", "Docetaxel"])
    assert "Nothing is close to 'zzzz'" in raised.value.remedy


def test_the_screen_with_most_samples_stands_for_a_drug_unmixed() -> None:
    nan = np.nan
    raw = a_response(
        {"1": [1.0, nan, 3.0], "2": [9.0, 9.5, 10.0], "3": [5.0, 6.0, nan]},
        ["Docetaxel", "Docetaxel", "Cisplatin"],
    )
    merged = merge_screens(raw)
    assert merged.values["Docetaxel"].tolist() == [9.0, 9.5, 10.0]
    assert merged.drugs.loc["Docetaxel", "screen"] == "2"
    assert merged.drugs.loc["Docetaxel", "drug_ids"] == ("2", "1")
    assert list(merged.values) == ["Cisplatin", "Docetaxel"]
    assert "Docetaxel (2 and 1: 2)" in str(describe_merging(merged))


def test_of_two_even_screens_the_first_is_taken() -> None:
    raw = a_response({"1803": [1.0, 2.0, 3.0], "1804": [4.0, 5.0, 6.0]}, ["Acetalax", "ACETALAX"])
    merged = merge_screens(raw)
    assert merged.values.columns.tolist() == ["Acetalax"]
    assert merged.values["Acetalax"].tolist() == [1.0, 2.0, 3.0]
    assert merged.drugs.loc["Acetalax", "names"] == ("Acetalax", "ACETALAX")


def test_a_misspelling_never_becomes_the_name() -> None:
    nan = np.nan
    raw = a_response(
        {"VENOTOCLAX": [1.0, 2.0, 3.0], "VENETOCLAX": [1.0, nan, nan]},
        ["VENOTOCLAX", "VENETOCLAX"],
    )
    merged = merge_screens(raw)
    assert merged.values.columns.tolist() == ["VENETOCLAX"]
    assert merged.values["VENETOCLAX"].tolist() == [1.0, 2.0, 3.0]


def test_drugs_are_counted_by_measured_samples() -> None:
    raw = a_response({"1": [1.0, np.nan, 3.0], "2": [9.0, 9.5, 10.0]}, ["X", "Y"])
    assert merge_screens(raw).drugs_with(3) == ["Y"]
