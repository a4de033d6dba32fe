"""What one watcher is told, against a board that does as the test says."""

import asyncio
from dataclasses import replace

import pytest

from models.jobs.errors import BoardAway, UnknownJob
from models.jobs.job import Job, JobState, LogLine
from models.jobs.spec import JobSpec
from serving.jobs import watching
from serving.jobs.event_stream import job_events
from serving.jobs.watching import JobWatches

QUEUED = Job(
    "a1", JobSpec.from_json({"kind": "promote", "bundle": "3"}), JobState.QUEUED, None, 0.0, None,
    None, None, (), {}, None, None, None, 1_800_000_000.0, None, None, "somebody", None, 0,
)  # fmt: skip
RUNNING = replace(QUEUED, state=JobState.RUNNING, step="train", percent=5.0)
DONE = replace(RUNNING, state=JobState.SUCCEEDED, percent=100.0, outcome="registered")
AWAY = BoardAway("It is away.", needed="it.", remedy="wait.")


class ScriptedBoard:
    """Stands where the script says at each look; the last stand stays."""

    def __init__(self, *script):
        self._script = list(script)

    def get(self, job_id):
        stands = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(stands, Exception):
            raise stands
        return stands

    def log(self, job_id, *, after=0, limit=200):
        lines = [LogLine(1, 1_800_000_000.0, "info", "a"), LogLine(2, 1_800_000_001.0, "info", "b")]
        return [line for line in lines if line.number > after]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    for name in ("USUAL_POLL_SECONDS", "AWAY_POLL_SECONDS"):
        monkeypatch.setattr(watching, name, 0.02)
    monkeypatch.setattr(watching, "POLL_SECONDS", {})


def tell(board, *, n_events=100, may_go_on=None, monotonic=lambda: 0.0, before=None):
    """Collect the pieces that a watcher of the board is sent."""

    async def always():
        return True

    async def collect():
        watches, pieces = JobWatches(lambda question: question(board)), []
        events = job_events(
            watches, "a1", after=0, may_go_on=may_go_on or always, monotonic=monotonic
        )
        async for piece in events:
            pieces.append(piece)
            if before is not None:
                before(watches)
            if len(pieces) >= n_events:
                await events.aclose()
                break
        assert watches.n_watchers == 0
        watches.close()
        return pieces

    return asyncio.run(collect())


def test_it_begins_with_when_to_come_back(events_of):
    pieces = tell(ScriptedBoard(DONE))
    assert pieces[0] == b"retry: 2000\n\n"
    assert [name for name, _, _ in events_of(pieces)] == ["state", "log", "log", "end"]


def test_a_job_at_work_is_told_of_every_second_though_nothing_changed(events_of):
    seconds = iter(range(10_000))
    pieces = tell(ScriptedBoard(RUNNING), n_events=8, monotonic=lambda: float(next(seconds)))
    assert [name for name, _, _ in events_of(pieces)][3:] == ["progress"] * 5


def test_a_job_in_the_queue_is_told_of_once_then_a_sign_of_life(events_of):
    seconds = iter(range(100_000))
    pieces = tell(ScriptedBoard(QUEUED), n_events=6, monotonic=lambda: float(next(seconds)))
    assert pieces[3:] == [b": nothing new\n\n"] * 3
    assert [name for name, _, _ in events_of(pieces)] == ["state", "log", "log"]


def test_only_what_changed_is_told(events_of):
    moved = replace(RUNNING, percent=6.0)
    told = events_of(tell(ScriptedBoard(QUEUED, QUEUED, RUNNING, moved, moved, DONE)))
    names = [name for name, _, _ in told if name != "log"]
    assert names == ["state", "state", "progress", "state", "end"]
    assert told[4][2] == {"step": "train", "percent": 6.0, "seconds_left": None}


def test_a_board_that_is_away_is_said_once_and_waited_for(events_of):
    told = events_of(tell(ScriptedBoard(AWAY, AWAY, RUNNING, AWAY, DONE)))
    names = [name for name, _, _ in told]
    assert names == ["away", "state", "log", "log", "away", "state", "end"]
    assert told[0][2] == {"detail": "It is away."}


def test_a_job_that_is_gone_ends_the_stream(events_of):
    gone = UnknownJob("Gone.", needed="a job.", remedy="list them.")
    pieces = tell(ScriptedBoard(RUNNING, gone))
    assert "end" not in [name for name, _, _ in events_of(pieces)]


def test_a_fault_of_the_poll_ends_the_stream_and_leaves_nobody_waiting():
    assert tell(ScriptedBoard(RUNNING, ZeroDivisionError()))[0].startswith(b"retry")


def test_the_end_of_the_service_ends_the_stream():
    assert len(tell(ScriptedBoard(RUNNING), before=JobWatches.end)) <= 4


def test_who_may_not_go_on_is_told_no_more():
    seconds = iter(range(0, 100_000, 5))

    async def never():
        return False

    pieces = tell(ScriptedBoard(RUNNING), may_go_on=never, monotonic=lambda: float(next(seconds)))
    assert len(pieces) <= 4
