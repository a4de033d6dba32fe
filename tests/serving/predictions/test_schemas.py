"""The schema of the OpenAPI file and the reader that is faster take and refuse the same."""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from serving.errors import InvalidRequestError
from serving.predictions.question import read_question
from serving.predictions.schemas import QuestionByColumn, QuestionByProfile
from serving.settings import ServingSettings

SCHEMA = TypeAdapter(QuestionByColumn | QuestionByProfile)
SETTINGS = ServingSettings()
ABSENT = object()
NAMES = st.text("ABCé 1~/", min_size=1, max_size=5)
BAD = st.sampled_from([True, 1, 0.5, "", "x" * 201, [], {}, [[]], [None], {"a": 1}, {"a": None}])
NUMBERS = st.one_of(st.integers(-10, 10**6), st.floats(-1e9, 1e9, allow_nan=False))
GENES = ("A", "B")


def either(good):
    """Mostly good, sometimes of another kind, sometimes not there."""
    return st.one_of(good, good, good, st.none(), BAD, st.just(ABSENT))


LINEAGE = either(NAMES)
EXPRESSION = st.fixed_dictionaries(
    {gene: st.one_of(NUMBERS, NUMBERS, NUMBERS, BAD) for gene in GENES}
)
PROFILE = st.fixed_dictionaries(
    {
        "id": either(st.just("a")),
        "expression": st.one_of(EXPRESSION, EXPRESSION, BAD),
        "covariates": either(st.fixed_dictionaries({"lineage": LINEAGE})),
        "more": st.one_of(st.just(ABSENT), st.just(ABSENT), BAD),
    }
)
ROW = st.lists(st.one_of(NUMBERS, NUMBERS, NUMBERS, BAD), min_size=2, max_size=2)
QUESTIONS = st.fixed_dictionaries(
    {
        "scale": either(st.sampled_from(["tpm", "rma_log2", "counts"])),
        "drugs": either(st.lists(st.one_of(NAMES, NAMES, BAD), min_size=1, max_size=3)),
        "level": either(st.floats(0.01, 0.99)),
        "align": either(st.sampled_from(["auto", "none", "rank"])),
        "covariates": either(st.fixed_dictionaries({"lineage": LINEAGE})),
        "more": st.one_of(*[st.just(ABSENT)] * 5, BAD),
    }
)
COLUMNS = st.fixed_dictionaries(
    {
        "genes": st.one_of(st.just([*GENES]), st.just(["A", 1]), BAD),
        "values": st.one_of(st.lists(ROW, min_size=1, max_size=1), BAD),
        "ids": either(st.just(["a"])),
    }
)
PROFILES = st.fixed_dictionaries(
    {"profiles": st.one_of(st.lists(PROFILE, min_size=1, max_size=1), BAD)}
)


def without_absent(node):
    if isinstance(node, dict):
        return {name: without_absent(v) for name, v in node.items() if v is not ABSENT}
    return [without_absent(one) for one in node] if isinstance(node, list) else node


def schema_takes(document):
    try:
        SCHEMA.validate_json(orjson.dumps(document), strict=True)
    except ValidationError:
        return False
    return True


def reader_takes(document):
    try:
        read_question(document, SETTINGS)
    except InvalidRequestError:
        return False
    return True


def fits_beyond_the_schema(document):
    """What no schema of JSON says: as many values as genes, known samples, names as they are."""
    rows, genes = document.get("values"), document.get("genes")
    if isinstance(rows, list) and isinstance(genes, list):
        ids = document.get("ids")
        if any(isinstance(row, list) and len(row) != len(genes) for row in rows):
            return False
        if isinstance(ids, list) and len(ids) != len(rows):
            return False
    covariates = document.get("covariates")
    lineage = covariates.get("lineage") if isinstance(covariates, dict) else None
    return not isinstance(lineage, dict) or not lineage


@settings(max_examples=600, deadline=None)
@given(QUESTIONS, st.one_of(COLUMNS, PROFILES))
def test_reader_and_schema_agree(question, profiles):
    document = without_absent({**question, **profiles})
    if fits_beyond_the_schema(document):
        assert reader_takes(document) is schema_takes(document)
    else:
        assert not reader_takes(document) or schema_takes(document)


@settings(max_examples=300, deadline=None)
@given(st.one_of(COLUMNS, PROFILES))
def test_reader_and_schema_agree_on_profiles(profiles):
    document = without_absent({"scale": "tpm", **profiles})
    if fits_beyond_the_schema(document):
        assert reader_takes(document) is schema_takes(document)
