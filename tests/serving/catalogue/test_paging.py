import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.catalogue.paging import page_of
from serving.errors import InvalidRequestError


@given(n_records=st.integers(0, 400), limit=st.integers(1, 100))
def test_pages_hold_every_record_once(n_records, limit):
    met, cursor = [], None
    while True:
        page = page_of(n_records, limit=limit, cursor=cursor, fingerprint="a list")
        met += range(page.start, page.stop)
        if page.next_cursor is None:
            break
        assert page.stop - page.start == limit
        cursor = page.next_cursor
    assert met == list(range(n_records))


@given(st.text(max_size=100))
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidRequestError):
        page_of(10, limit=2, cursor=cursor, fingerprint="a list")


def test_a_cursor_is_refused_once_a_letter_of_it_or_the_list_changes():
    cursor = page_of(10, limit=2, cursor=None, fingerprint="a list").next_cursor
    assert page_of(10, limit=2, cursor=cursor, fingerprint="a list").start == 2
    for place in range(len(cursor)):
        letter = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + letter + cursor[place + 1 :]
        with pytest.raises(InvalidRequestError):
            page_of(10, limit=2, cursor=changed, fingerprint="a list")
    with pytest.raises(InvalidRequestError, match="begin again"):
        page_of(10, limit=2, cursor=cursor, fingerprint="another list")
