from datetime import UTC, datetime, timedelta

import pytest

from serving.access.moments import MomentError, moment_ago, moment_ahead

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"), [("1h", 1), ("12h", 12), ("90d", 90 * 24), ("2w", 14 * 24)]
)
def test_spans_count_from_now(text, hours):
    assert moment_ahead(text, NOW) == NOW + timedelta(hours=hours)
    assert moment_ago(text, NOW) == NOW - timedelta(hours=hours)


def test_dates_are_utc_unless_they_name_a_zone():
    assert moment_ahead("2027-01-31", NOW) == datetime(2027, 1, 31, tzinfo=UTC)
    assert moment_ago("2026-01-31T12:00+02:00", NOW) == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_never_is_an_end_and_no_beginning():
    assert moment_ahead("never", NOW) is None
    with pytest.raises(MomentError):
        moment_ago("never", NOW)


@pytest.mark.parametrize(
    "text", ["", "90", "-1d", "0d", "1.5d", "1m", "soon", "999999w", "9" * 5000]
)
def test_other_words_are_refused(text):
    with pytest.raises(MomentError, match="90d"):
        moment_ahead(text, NOW)
