"""A worker takes others for gone only where what it sees is not its own fault, or the clock's."""

import pytest
from sqlalchemy import literal

from models.jobs import executors
from models.jobs.executors import Heart
from training.jobs.lookout import Lookout

LAPSE, ROUND = 100.0, 8.0


class View:
    """The worker "here" beside a worker "there"; time passes where a test says so."""

    def __init__(self, engine, monkeypatch):
        self.own, self.ahead = 0.0, 0.0
        monkeypatch.setattr(executors, "database_seconds", lambda asked: literal(self.seconds))
        monkeypatch.setattr(executors, "read_database_seconds", lambda *asked: self.seconds)
        self.hearts = {
            name: Heart(engine, name, host=name, pid=1, token=name, lapse_seconds=LAPSE)
            for name in ("here", "there")
        }
        for one in self.hearts.values():
            one.start()
        self.lookout = Lookout(engine, "here", LAPSE, monotonic=lambda: self.own)

    @property
    def seconds(self):
        """Of the database: its clock goes on with one's own, and can be moved besides."""
        return 1e9 + self.own + self.ahead

    def beat(self, *names):
        for name in names:
            self.hearts[name].beat(None)

    def round(self, *, after=ROUND):
        """What the worker does once in a while; give whom it takes for gone."""
        self.own += after
        self.beat("here")
        return self.lookout.gone()

    def rounds(self, seconds, *beating):
        """Every round of a time, others giving signs of life meanwhile; all that are gone."""
        found = []
        for _ in range(int(seconds / ROUND)):
            self.beat(*beating)
            found += self.round()
        return found


@pytest.fixture
def view(board, monkeypatch):
    made = View(board.engine, monkeypatch)
    assert made.rounds(2 * LAPSE, "there") == []
    return made


def test_who_is_silent_for_its_lapse_is_gone_in_the_very_next_round(view):
    assert view.rounds(LAPSE - ROUND) == []
    assert view.round() == ["there"]


def test_a_stall_that_all_share_makes_nobody_look_gone(view):
    """Whoever wakes first sees the others silent: they are given a moment for their signs."""
    assert view.round(after=2 * LAPSE) == []
    view.beat("there")
    assert view.rounds(LAPSE / 2) == []


def test_after_a_stall_who_gives_no_sign_is_gone_a_round_later(view):
    assert view.round(after=2 * LAPSE) == []
    assert view.round() == ["there"]


def test_a_worker_that_is_always_late_judges_in_the_end(view):
    """Otherwise a job would wait for ever where signs of life always take long."""
    assert view.round(after=2 * LAPSE) == []
    late = [view.round(after=0.6 * LAPSE) for _ in range(4)]
    assert late[0] == []
    assert late[-1] == ["there"]


def test_a_worker_that_stalls_after_its_sign_of_life_never_takes_itself_for_gone(view):
    view.own += 2 * LAPSE
    assert view.lookout.gone() == []
    view.own += ROUND
    assert view.lookout.gone() == ["there"]


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("n_statements", [0, 1, 2])
def test_a_jump_of_the_clock_between_any_two_statements_makes_nobody_look_gone(
    view, monkeypatch, hours, n_statements
):
    n_done = 0

    def then_jump(statement):
        def done(*arguments):
            nonlocal n_done
            answer = statement(*arguments)
            n_done += 1
            if n_done == n_statements:
                view.ahead = 3600.0 * hours
            return answer

        return done

    watch = executors.ClockWatch
    monkeypatch.setattr(watch, "has_jumped", then_jump(watch.has_jumped))
    looks = "training.jobs.lookout.silent_workers"
    monkeypatch.setattr(looks, then_jump(executors.silent_workers))
    if n_statements == 0:
        view.ahead = 3600.0 * hours
    assert view.round() == []
    assert n_done == 2
    assert view.round() == []  # the other had no time yet to give a sign under the new clock
    assert view.rounds(2 * LAPSE, "there") == []
