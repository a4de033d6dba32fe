"""Counts in the database: added up without losing any, read, forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import update

from models.drift.errors import DriftError
from serving.drift.store import (
    add_counts,
    forget_counts,
    list_bundles,
    read_counts,
    read_reference,
)
from serving.drift.submissions import last_submission, note_submission
from serving.drift.tables import drift_counts
from serving.errors import NotFoundError

WEEK = timedelta(days=7)


def read(database, counter, now):
    day, sha256 = now.date(), counter.reference.bundle_sha256
    return read_counts(database, sha256, since=day - WEEK, until=day)


def test_what_is_added_is_read_by_caller_and_day(database, counter, counts_of, now):
    one, other = counts_of(20), counts_of(30, seed=1)
    add_counts(database, counter.reference, "a", one, now)
    add_counts(database, counter.reference, "a", other, now)
    add_counts(database, counter.reference, "b", one, now)
    add_counts(database, counter.reference, "a", one, now - timedelta(days=2))
    add_counts(database, counter.reference, "a", one, now - timedelta(days=30))
    found = read(database, counter, now)
    day, earlier = now.date(), now.date() - timedelta(days=2)
    assert [(one.caller, one.day) for one in found] == [("a", earlier), ("a", day), ("b", day)]
    assert found[1].counts.n_profiles == 50
    assert (found[1].counts.by_gene == one.by_gene + other.by_gene).all()
    assert found[1].counts.numbers() == pytest.approx((one + other).numbers())
    restored = read_reference(database, counter.reference.bundle_sha256)
    assert restored.to_json() == counter.reference.to_json()


def test_processes_that_add_at_the_same_moment_lose_nothing(database, counter, counts_of, now):
    counts = counts_of(20)

    def add(_):
        add_counts(database, counter.reference, "a", counts, now)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(12)))
    (found,) = read(database, counter, now)
    assert found.counts.n_profiles == 240
    assert (found.counts.by_gene == 12 * counts.by_gene).all()


def test_old_counts_are_forgotten_and_bundles_with_the_last_of_theirs(
    database, counter, counts_of, now
):
    sha256 = counter.reference.bundle_sha256
    add_counts(database, counter.reference, "a", counts_of(), now - WEEK)
    add_counts(database, counter.reference, "a", counts_of(), now)
    assert forget_counts(database, before=now.date()) == 1
    assert [one.day for one in read(database, counter, now)] == [now.date()]
    assert list_bundles(database) == [sha256]
    assert forget_counts(database, before=now.date() + WEEK) == 1
    assert list_bundles(database) == []
    with pytest.raises(NotFoundError, match="Nothing was counted"):
        read_reference(database, sha256)


def test_a_damaged_row_is_told_and_not_added_to(sqlite_database, counter, counts_of, now):
    add_counts(sqlite_database, counter.reference, "a", counts_of(), now)
    with sqlite_database.writing() as connection:
        connection.execute(update(drift_counts).values(counts=b"damaged"))
    with pytest.raises(DriftError):
        read(sqlite_database, counter, now)
    with pytest.raises(DriftError):
        add_counts(sqlite_database, counter.reference, "a", counts_of(), now)


def test_a_row_holds_no_value_and_no_name_of_a_profile(sqlite_database, counter, counts_of, now):
    # 20 profiles of 11 genes: a row is the histograms, and whole numbers all of them.
    add_counts(sqlite_database, counter.reference, "a", counts_of(), now)
    (found,) = read(sqlite_database, counter, now)
    assert found.counts.by_gene.dtype == np.int64
    assert found.counts.by_gene.sum() == 20 * 11
    columns = {column.name for column in drift_counts.columns}
    assert columns == {
        "bundle_sha256", "caller", "day", "counts", "n_profiles", "n_aligned", "coverage",
        "n_called", "no_calls", "no_calls_expected", "no_calls_excess_squared",
    }  # fmt: skip


def test_the_last_retraining_is_remembered_by_bundle(database, now):
    assert last_submission(database, "ab" * 32) is None
    note_submission(database, "ab" * 32, "job-1", now - WEEK)
    note_submission(database, "ab" * 32, "job-2", now)
    assert last_submission(database, "ab" * 32) == now
    assert last_submission(database, "cd" * 32) is None
