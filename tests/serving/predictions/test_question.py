import numpy as np
import pytest

from serving.errors import InvalidRequestError, RequestTooLargeError
from serving.predictions.question import refuse_unknown_drugs

COLUMNS = {"scale": "log2_tpm", "genes": ["A", "B"], "values": [[1.5, 2], [3, 4.5]]}
PROFILES = {
    "scale": "log2_tpm",
    "profiles": [
        {"id": "one", "expression": {"A": 1.5, "B": 2}},
        {"id": "two", "expression": {"B": 4.5, "A": 3}},
    ],
}
# What must never be repeated stands where values are: 31337 and CANARY.


def pointers(read, document):
    with pytest.raises(InvalidRequestError) as refused:
        read(document)
    told = f"{refused.value} {[place.message for place in refused.value.errors]}"
    assert "31337" not in told
    assert "CANARY" not in told
    return [place.pointer for place in refused.value.errors]


def test_both_forms_are_the_same_question(read):
    one, other = read({**COLUMNS, "ids": ["one", "two"]}), read(PROFILES)
    assert one.profiles.genes == other.profiles.genes
    assert one.profiles.sample_ids == other.profiles.sample_ids
    np.testing.assert_array_equal(one.profiles.values, other.profiles.values)
    assert (one.scale, one.drugs, one.level, one.align, one.lineage) == (
        other.scale, other.drugs, other.level, other.align, other.lineage,
    )  # fmt: skip
    assert (one.level, one.align, one.drugs, one.lineage) == (0.8, "auto", None, None)
    assert one.reading is None


def test_samples_without_a_name_are_numbered(read):
    unnamed = [{"expression": each["expression"]} for each in PROFILES["profiles"]]
    for document in (COLUMNS, {"scale": "log2_tpm", "profiles": unnamed}):
        assert read(document).profiles.sample_ids == ("profile_1", "profile_2")


def profile(**change):
    return {"scale": "log2_tpm", "profiles": [PROFILES["profiles"][0] | change]}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (None, ""),
        ([], ""),
        ("CANARY", ""),
        (31337, ""),
        ({"scale": "log2_tpm"}, ""),
        ({**COLUMNS, **PROFILES}, ""),
        ({**PROFILES, "genes": ["A"]}, ""),
        ({**PROFILES, "ids": ["one", "two"]}, "/ids"),
        ({**COLUMNS, "more~/x": 31337}, "/more~0~1x"),
        ({k: v for k, v in COLUMNS.items() if k != "scale"}, "/scale"),
        ({**COLUMNS, "scale": None}, "/scale"),
        ({**COLUMNS, "scale": "CANARY"}, "/scale"),
        ({**COLUMNS, "scale": ["log2_tpm"]}, "/scale"),
        ({**COLUMNS, "level": True}, "/level"),
        ({**COLUMNS, "level": "0.5"}, "/level"),
        ({**COLUMNS, "level": 1}, "/level"),
        ({**COLUMNS, "level": 0}, "/level"),
        ({**COLUMNS, "level": 10**400}, "/level"),
        ({**COLUMNS, "level": None}, "/level"),
        ({**COLUMNS, "align": "CANARY"}, "/align"),
        ({**COLUMNS, "align": None}, "/align"),
        ({**COLUMNS, "drugs": []}, "/drugs"),
        ({**COLUMNS, "drugs": "CANARY"}, "/drugs"),
        ({**COLUMNS, "drugs": ["A", 31337]}, "/drugs/1"),
        ({**COLUMNS, "drugs": ["A", ""]}, "/drugs/1"),
        ({**COLUMNS, "drugs": ["A", "CANARY\n"]}, "/drugs/1"),
        ({**COLUMNS, "drugs": ["A", "x" * 201]}, "/drugs/1"),
        ({**COLUMNS, "genes": None}, "/genes"),
        ({**COLUMNS, "genes": []}, "/genes"),
        ({**COLUMNS, "genes": {"A": 1, "B": 2}}, "/genes"),
        ({**COLUMNS, "genes": ["A", None]}, "/genes"),
        ({**COLUMNS, "genes": ["A", 31337]}, "/genes"),
        ({**COLUMNS, "genes": ["A", ""]}, "/genes"),
        ({**COLUMNS, "genes": ["A", "CANARY" * 40]}, "/genes"),
        ({**COLUMNS, "values": []}, "/values"),
        ({**COLUMNS, "values": {"0": [1, 2]}}, "/values"),
        ({**COLUMNS, "values": [31337]}, "/values/0"),
        ({**COLUMNS, "values": [[1, 2], [31337]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, 2, 31337]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, None]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, True]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, "31337"]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, [31337]]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, {"CANARY": 1}]]}, "/values/1"),
        ({**COLUMNS, "values": [[1, 2], [1, 31337 * 10**400]]}, "/values"),
        ({**COLUMNS, "ids": ["a"]}, "/ids"),
        ({**COLUMNS, "ids": "CANARY"}, "/ids"),
        ({**COLUMNS, "ids": ["CANARY", "CANARY"]}, "/ids"),
        ({**COLUMNS, "ids": ["a", ""]}, "/ids/1"),
        ({**COLUMNS, "ids": ["a", 31337]}, "/ids/1"),
        ({**COLUMNS, "ids": ["a", "CANARY\x00"]}, "/ids/1"),
        ({**COLUMNS, "covariates": "CANARY"}, "/covariates"),
        ({**COLUMNS, "covariates": {"CANARY": "x"}}, "/covariates"),
        ({**COLUMNS, "covariates": {"lineage": 31337}}, "/covariates/lineage"),
        ({**COLUMNS, "covariates": {"lineage": {"other/x": "Lung"}}},
         "/covariates/lineage/other~1x"),
        ({**COLUMNS, "covariates": {"lineage": {"profile_1": 31337}}},
         "/covariates/lineage/profile_1"),
        ({"scale": "log2_tpm", "profiles": []}, "/profiles"),
        ({"scale": "log2_tpm", "profiles": {"one": {}}}, "/profiles"),
        ({"scale": "log2_tpm", "profiles": [31337]}, "/profiles/0"),
        (profile(CANARY=31337), "/profiles/0"),
        (profile(expression={}), "/profiles/0/expression"),
        (profile(expression=[31337]), "/profiles/0/expression"),
        (profile(expression=None), "/profiles/0/expression"),
        (profile(expression={"A": None}), "/profiles/0/expression"),
        (profile(expression={"A": False}), "/profiles/0/expression"),
        (profile(expression={"": 1.5}), "/profiles/0/expression"),
        (profile(id=31337), "/profiles/0/id"),
        (profile(id=""), "/profiles/0/id"),
        (profile(covariates={"CANARY": 1}), "/profiles/0/covariates"),
        (profile(covariates={"lineage": 31337}), "/profiles/0/covariates"),
        (profile(covariates=[]), "/profiles/0/covariates"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_pointed_at_and_never_repeated(read, document, pointer):
    assert pointers(read, document) == [pointer]


def test_profiles_with_other_genes_than_the_first_are_pointed_at(read):
    other = {"scale": "log2_tpm", "profiles": [*PROFILES["profiles"], {"expression": {"A": 31337}}]}
    assert pointers(read, other) == ["/profiles/2/expression"]


def test_ids_that_occur_twice_are_counted_and_not_named(read):
    twice = {**PROFILES, "profiles": [each | {"id": "CANARY"} for each in PROFILES["profiles"]]}
    assert pointers(read, twice) == ["/profiles"]


def test_every_wrong_place_is_told_at_once(read):
    document = {**COLUMNS, "scale": "x", "level": 7, "align": "x", "drugs": [1], "more": 1}
    assert set(pointers(read, document)) == {"/scale", "/level", "/align", "/drugs/0", "/more"}


def test_no_more_places_are_looked_for_than_are_told(read):
    rows = [["CANARY"]] * 5
    assert len(pointers(read, {"scale": "tpm", "genes": ["A"], "values": rows})) <= 21


@pytest.mark.parametrize(
    "document",
    [
        {**COLUMNS, "values": [[1, 2]] * 6},
        {"scale": "tpm", "genes": [f"G{at}" for at in range(21)], "values": [[1] * 21]},
        {"scale": "tpm", "profiles": [{"expression": {"A": 1, "B": 2}}] * 6},
        {"scale": "tpm", "profiles": [{"expression": {f"G{at}": 1 for at in range(21)}}]},
        {**COLUMNS, "drugs": ["a"] * 5},
    ],
)
def test_more_than_a_limit_is_too_large(read, document):
    with pytest.raises(RequestTooLargeError):
        read(document)


def test_as_much_as_the_limits_allow_is_read(read):
    values = np.arange(100.0).reshape(5, 20)
    genes = [f"G{at}" for at in range(20)]
    document = {"scale": "tpm", "genes": genes, "values": values.tolist(), "drugs": list("abcd")}
    np.testing.assert_array_equal(read(document).profiles.values, values)


@pytest.mark.parametrize(
    ("covariates", "expected"),
    [
        (None, None),
        ({}, None),
        ({"lineage": None}, None),
        ({"lineage": "Lung"}, "Lung"),
        ({"lineage": {"one": "Lung", "two": None}}, {"one": "Lung"}),
    ],
)
def test_lineages_are_given_for_all_or_by_sample(read, covariates, expected):
    assert read({**PROFILES, "covariates": covariates}).lineage == expected


def test_the_lineage_of_a_profile_goes_before_that_of_all(read):
    first, second = PROFILES["profiles"]
    own = [first | {"covariates": {"lineage": "Lung"}}, second]
    document = {**PROFILES, "profiles": own}
    assert read(document).lineage == {"one": "Lung"}
    for_all = {**document, "covariates": {"lineage": "Skin"}}
    assert read(for_all).lineage == {"one": "Lung", "two": "Skin"}


def test_names_that_the_route_takes_beside_are_let_through(read):
    assert read({**COLUMNS, "top": 3}, further=frozenset({"top"})).scale == "log2_tpm"


def test_unknown_drugs_are_pointed_at_whatever_their_case():
    known = ("Cisplatin", "Drug A", "DRUG A")
    refuse_unknown_drugs(None, known)
    refuse_unknown_drugs(("cisplatin", "Drug A"), known)
    with pytest.raises(InvalidRequestError) as refused:
        refuse_unknown_drugs(("Cisplatin", "CANARY", "drug a"), known)
    assert [place.pointer for place in refused.value.errors] == ["/drugs/1", "/drugs/2"]
    assert "CANARY" not in str(refused.value)
