import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import MalformedJsonError, RequestTooLargeError
from serving.strict_json import JsonLimits, parse_strict

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["{", "[[", ":", '":"', '\\":', "a\\", '"', "\\\\:"]),
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.text(max_size=3), st.sampled_from([":", "{"])), inner),
    ),
    max_leaves=20,
)
WIDE = JsonLimits(depth=200, containers=100_000)


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_json_writes_is_read_as_it_was(document, ascii_only, indent):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return
    assert parse_strict(raw, limits=WIDE) == document


@given(DOCUMENTS, st.text(st.characters(exclude_categories=["Cs"])), st.data())
def test_a_name_that_stands_twice_is_found_wherever_it_is(document, name, data):
    """However deep it is, and whatever strings stand around it."""
    twice = f"{{{json.dumps(name)}: 1, {json.dumps(name)} : 2}}"
    text = json.dumps({"before": document, "here": 0, "after": document}).replace(
        '"here": 0', f'"here": [{twice}, {json.dumps(data.draw(DOCUMENTS))}]'
    )
    with pytest.raises(MalformedJsonError, match="stands twice"):
        parse_strict(text.encode(), limits=WIDE)


def test_the_place_of_a_repeated_name_is_given_in_bytes():
    raw = '{"é": {"a": 1}, "b": {"x": ":", "a": 2, "a": 3}}'.encode()
    with pytest.raises(MalformedJsonError) as refused:
        parse_strict(raw)
    place = raw.rindex(b'"a"')
    assert f"at byte {place}" in refused.value.found


def test_two_spellings_of_a_name_are_one_name():
    with pytest.raises(MalformedJsonError):
        parse_strict(b'{"a\\u0062": 1, "ab": 2}')


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_counted_from_one(opening):
    closing = b"]" if opening == b"[" else b"}"
    limits = JsonLimits(depth=5)
    parse_strict(opening * 5 + b"1" + closing * 5, limits=limits)
    with pytest.raises(MalformedJsonError, match="more than 5 deep"):
        parse_strict(opening * 6 + b"1" + closing * 6, limits=limits)


def test_depth_is_seen_behind_shallow_neighbours():
    deep = b'{"genes": ["A"], "values": [[1], [2]], "more": [[[[1]]]]}'
    with pytest.raises(MalformedJsonError, match="deep"):
        parse_strict(deep, limits=JsonLimits(depth=4))


def test_containers_are_counted():
    limits = JsonLimits(containers=100)
    parse_strict(b"[" + b"[]," * 98 + b"[]]", limits=limits)
    with pytest.raises(MalformedJsonError, match="more than 100"):
        parse_strict(b"[" + b"[]," * 99 + b"[]]", limits=limits)


def test_names_are_counted_in_all_objects_together():
    limits = JsonLimits(names=4)
    parse_strict(b'[{"a": 1, "b": 2}, {"a": {"b": 3}}]', limits=limits)
    with pytest.raises(RequestTooLargeError, match="more than 4 names"):
        parse_strict(b'[{"a": 1, "b": 2}, {"a": {"b": 3, "c": 4}}]', limits=limits)


def test_booleans_stay_booleans():
    assert parse_strict(b"[true, false, 1, 0]") == [True, False, 1, 0]
    assert [type(value) for value in parse_strict(b"[true, 1]")] == [bool, int]


def test_messages_say_where_and_quote_nothing():
    with pytest.raises(MalformedJsonError) as refused:
        parse_strict(b'{"scale": "secret",\n "values": [[12.5, NaN]]}')
    assert "line 2, column 20" in refused.value.found
    assert "secret" not in str(refused.value)
    assert "12.5" not in str(refused.value)
