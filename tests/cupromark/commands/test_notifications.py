"""Notifications from the command line, on the database of the jobs."""

import json
from functools import partial

import pytest
from sqlalchemy import update

from models.jobs.database import writing
from models.jobs.outbox import list_notifications, post_ended_jobs
from models.jobs.spec import JobSpec
from models.jobs.tables import notifications

NOW = 1_800_000_000.0
URL = "https://hooks.example.org/cupromark"


@pytest.fixture
def run(run_on_jobs):
    return partial(run_on_jobs, "notifications")


@pytest.fixture
def posted(board):
    """Two messages: the older one was delivered."""
    for number in range(2):
        job = board.submit(JobSpec("promote", bundle=str(number)), submitted_by="me").job
        board.cancel(job.job_id, by="me")
        post_ended_jobs(board.engine, [URL], ["cancelled"], since=0.0, now=NOW + number)
    with writing(board.engine) as connection:
        first = update(notifications).where(notifications.c.created_at == NOW)
        connection.execute(first.values(delivered_at=NOW + 0.5, next_at=None, n_attempts=1))


def test_times_are_iso_8601(run, posted):
    code, out, _ = run("list", "--json")
    newer, older = json.loads(out)
    assert code == 0
    assert [newer[name] for name in ("created_at", "next_at", "delivered_at")] == [
        "2027-01-15T08:00:01.000Z",
        "2027-01-15T08:00:01.000Z",
        None,
    ]
    assert older["delivered_at"] == "2027-01-15T08:00:00.500Z"
    assert older["next_at"] is None


def test_messages_are_listed_and_tried_again(run, posted, board):
    lines = run("list")[1].splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "2027-01-15 08:00:01 UTC",
        "2027-01-15 08:00:00 UTC",
    ]
    assert "hooks.example.org" in lines[0]
    assert "waits" in lines[0]
    assert "delivered" in lines[1]
    assert len(run("list", "--limit", "1")[1].splitlines()) == 1
    assert json.loads(run("retry", "--json")[1]) == {"n_messages": 1}
    waiting = next(one for one in list_notifications(board.engine) if one.delivered_at is None)
    assert waiting.next_at < NOW


def test_a_place_without_a_database_is_told_and_none_is_made(run, tmp_path):
    for action in ("list", "retry"):
        code, _, err = run(action, where=("--store", str(tmp_path / "elsewhere")))
        assert code == 2
        assert "no database of jobs" in err
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_sent_names_the_setting(run, board):
    code, out, err = run("list")
    assert (code, out) == (0, "")
    assert "CUPROMARK_WORKER_WEBHOOK_URLS" in err
