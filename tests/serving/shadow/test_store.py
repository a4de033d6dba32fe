"""Sums in the database: added up by several processes, read back, and kept apart by pair."""

from datetime import UTC, datetime, timedelta

import pytest

from serving.shadow.store import Pair, add_sums, list_pairs, shadow_summary
from serving.shadow.sums import DrugSums, PairSums

NOW = datetime(2027, 1, 15, tzinfo=UTC)
PAIR = Pair("cd" * 32, "ab" * 32, "2", "1")
OTHER = Pair("ef" * 32, "ab" * 32, "3", "1")


def sums_of(n, total=0.5):
    return DrugSums(n, 1, total, total**2, (n - 3, 1, 0, 0, 0, 2, 0, 0, 0))


def test_what_is_added_twice_is_the_sum(database):
    pair = PairSums(2, 1, 0, 30, 0.5, 1.0, 29.0, 28.0)
    add_sums(database, PAIR, pair, {"a": sums_of(20), "b": sums_of(30)}, NOW)
    add_sums(database, PAIR, pair, {"b": sums_of(20), "c": sums_of(40)}, NOW + timedelta(days=1))
    add_sums(database, OTHER, pair, {}, NOW)
    found = shadow_summary(database, PAIR.challenger_sha256, PAIR.champion_sha256)
    assert found.pair == PairSums(4, 2, 0, 60, 1.0, 2.0, 58.0, 56.0)
    assert found.drugs == {
        "a": sums_of(20),
        "b": DrugSums(50, 2, 1.0, 0.5, (44, 2, 0, 0, 0, 4, 0, 0, 0)),
        "c": sums_of(40),
    }
    assert (found.n_answers, found.n_missing, found.n_changed) == (110, 4, 12)
    assert found.share_changed == pytest.approx(12 / 110)
    assert found.latency_ratio == 2.0
    assert (found.first_at, found.last_at) == (NOW, NOW + timedelta(days=1))
    assert [one for one, _ in list_pairs(database)] == [PAIR, OTHER]
    content = found.to_json()
    assert content["answered_share"] == pytest.approx(110 / 114)
    assert sum(content["changes"].values()) == 110
    assert content["drugs"][0]["drug"] == "a"  # 3 of 20 changed


def test_two_that_were_never_compared_have_no_summary(database):
    assert shadow_summary(database, "12" * 32, "34" * 32) is None
    assert list_pairs(database) == []
