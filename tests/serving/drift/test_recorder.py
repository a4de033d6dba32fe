"""Counting in the service: nothing of few profiles is stored, and no request waits or fails."""

from datetime import timedelta

import pytest

import serving.drift.recorder as recorder_module
from serving.database.errors import DatabaseAwayError, away_error
from serving.drift.recorder import OPEN, DriftRecorder
from serving.drift.store import read_counts
from serving.drift.waiting import OTHERS

LEAST = 20


class Outcomes(dict):
    def __call__(self, outcome, count):
        self[outcome] = self.get(outcome, 0) + count


class SometimesAway:
    """A database that a test sends away."""

    def __init__(self, database):
        self.database, self.is_away = database, False

    def writing(self):
        if self.is_away:
            raise away_error("a test")
        return self.database.writing()


@pytest.fixture
def away(sqlite_database):
    return SometimesAway(sqlite_database)


@pytest.fixture
def outcomes():
    return Outcomes()


@pytest.fixture
def recorder(away, clock, outcomes):
    return DriftRecorder(
        away, clock=clock, at_least=LEAST, store_seconds=30, keep_days=10, on_counted=outcomes
    )


@pytest.fixture
def stored(sqlite_database, served, now):
    """What is in the database: caller -> profiles."""

    def stored():
        day = now.date()
        found = read_counts(
            sqlite_database, served.sha256, since=day - timedelta(days=9), until=day
        )
        return {one.caller: int(one.counts.n_profiles) for one in found}

    return stored


def test_a_caller_is_stored_once_enough_different_profiles_came(
    recorder, served, answers_of, stored, outcomes
):
    few = answers_of(LEAST - 1)
    for _ in range(5):  # again and again the same
        recorder.record(few, served, "key")
    recorder.count()
    recorder.store()
    assert stored() == {}
    recorder.record(answers_of(1, seed=9), served, "key")
    recorder.record(answers_of(3, seed=8), served, None)
    recorder.count()
    recorder.store()
    assert stored() == {"key": LEAST}
    assert outcomes == {"stored": LEAST}
    recorder.record(answers_of(LEAST, seed=7), served, None)
    recorder.count()
    recorder.store()
    assert stored() == {"key": LEAST, OPEN: LEAST + 3}


def test_callers_with_few_profiles_are_stored_together_at_the_end(
    recorder, served, answers_of, stored, outcomes
):
    recorder.record(answers_of(12, seed=1), served, "a")
    recorder.record(answers_of(12, seed=2), served, "b")
    recorder.record(answers_of(30, seed=3), served, "c")
    recorder.close()
    assert stored() == {"c": 30, OTHERS: 24}
    assert outcomes == {"stored": 54}


def test_the_same_few_profiles_of_several_callers_stay_few(
    recorder, served, answers_of, stored, outcomes
):
    for key in ("a", "b", "c"):
        recorder.record(answers_of(12), served, key)
    recorder.close()
    assert stored() == {}
    assert outcomes == {"too_few": 36}


def test_while_the_database_is_away_counts_add_up_and_none_is_lost(
    recorder, away, served, answers_of, stored
):
    away.is_away = True
    for seed in range(4):
        recorder.record(answers_of(LEAST, seed=seed), served, "key")
        recorder.count()
        with pytest.raises(DatabaseAwayError):
            recorder.store()
    away.is_away = False
    recorder.close()
    assert stored() == {"key": 4 * LEAST}


def test_a_database_that_stays_away_holds_the_end_up_for_a_moment_alone(
    recorder, away, served, answers_of, outcomes
):
    away.is_away = True
    recorder.record(answers_of(LEAST), served, "key")
    recorder.record(answers_of(3), served, "other key")
    recorder.close(wait_seconds=0)
    assert outcomes == {"lost": LEAST, "too_few": 3}


def test_a_damaged_row_does_not_keep_the_others_from_being_stored(
    recorder, sqlite_database, served, answers_of, stored, outcomes
):
    recorder.record(answers_of(LEAST), served, "a")
    recorder.count()
    recorder.store()
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql("UPDATE drift_counts SET counts = x'00'")
    for key in ("a", "b"):
        recorder.record(answers_of(LEAST, seed=5), served, key)
    recorder.close()
    assert outcomes == {"stored": 2 * LEAST, "damaged": LEAST}
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM drift_counts WHERE caller = 'a'")
    assert stored() == {"b": LEAST}


def test_what_is_more_than_can_wait_is_dropped_and_counted(
    recorder, served, answers_of, monkeypatch, outcomes
):
    monkeypatch.setattr(recorder_module, "MOST_CELLS", 100)
    recorder.record(answers_of(10), served, "key")
    recorder.record(answers_of(7, seed=1), served, "key")
    assert outcomes == {"too_many": 7}
    recorder.count()
    recorder.record(answers_of(7, seed=1), served, "key")  # there is room again
    assert outcomes == {"too_many": 7}


def test_callers_in_memory_are_bounded(recorder, served, answers_of, monkeypatch, outcomes):
    monkeypatch.setattr("serving.drift.waiting.MOST_CALLERS", 2)
    for at in range(4):
        recorder.record(answers_of(3, seed=at), served, f"key {at}")
    recorder.count()
    assert outcomes == {"too_many": 6}


def test_it_counts_by_itself_once_started(recorder, served, answers_of, stored, monkeypatch):
    monkeypatch.setattr(recorder_module, "COUNT_SECONDS", 0.01)
    recorder.start()
    recorder.record(answers_of(LEAST), served, "key")
    recorder.close()
    assert stored() == {"key": LEAST}


def test_old_counts_are_forgotten(recorder, served, answers_of, stored, clock):
    recorder.record(answers_of(LEAST), served, "key")
    recorder.count()
    recorder.store()
    clock.advance(9 * 86_400)
    recorder.forget()
    assert stored() == {"key": LEAST}
    clock.advance(2 * 86_400)
    recorder.forget()
    assert stored() == {}
