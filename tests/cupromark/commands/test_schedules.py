"""Schedules from the command line, on their database and through a service that is made up."""

import inspect
import json
from functools import partial

import httpx
import pytest

from cupromark.commands.jobs import jobs_submit
from cupromark.commands.schedules import schedules_add
from cupromark.databases import who_runs_this
from models.jobs.schedules import ScheduleBook

NIGHTLY = ("nightly", "--cron", "0 3 * * *", "--cohort", "tcga")
EVERYTHING = (
    *("--cohort", "tcga", "--drugs", "Cisplatin,Docetaxel", "--random-sets", "7", "--seed", "4"),
    *("--folds", "3", "--seeds", "2", "--batch-drugs", "9", "--promote", "never"),
    *("--policy", "strict", "--drill", "--force"),
)


@pytest.fixture
def run(run_on_jobs):
    return partial(run_on_jobs, "schedules")


@pytest.fixture
def book(board):
    return ScheduleBook(board)


def test_a_schedule_takes_every_option_of_a_job_that_is_submitted(run, run_on_jobs, book):
    assert (
        run("add", "nightly", "--cron", "@daily", "--time-zone", "Europe/Berlin", *EVERYTHING)[0]
        == 0
    )
    submitted = json.loads(run_on_jobs("jobs", "submit", *EVERYTHING, "--json")[1])["spec"]
    scheduled = book.get("nightly").spec.to_json()
    assert scheduled == submitted | {"reason": "schedule:nightly"}
    run("add", "news", "--cron", "@daily", "--cohort", "tcga", "--new-release")
    assert book.get("news").spec.reason == "new release"
    run("add", "gate", "--cron", "@daily", "--bundle", "challenger")
    assert (book.get("gate").spec.kind, book.get("gate").spec.bundle) == ("promote", "challenger")


def test_adding_and_submitting_have_the_same_options_of_a_job():
    def options(command):
        return {
            name: (one.annotation, one.default)
            for name, one in inspect.signature(command).parameters.items()
        }

    adding, submitting = options(schedules_add), options(jobs_submit)
    assert set(submitting) - set(adding) == {"reason", "once"}
    assert set(adding) - set(submitting) == {"name", "cron", "time_zone", "new_release"}
    assert {name: adding[name] for name in set(adding) & set(submitting)} == {
        name: submitting[name] for name in set(adding) & set(submitting)
    }


def test_times_are_iso_8601_as_over_http(run, book):
    added = json.loads(run("add", *NIGHTLY, "--json")[1])
    listed = json.loads(run("list", "--json")[1])
    assert listed == [added]
    assert added["due_at"].endswith("T03:00:00.000Z")
    assert added["created_at"].endswith("Z")
    paused = json.loads(run("pause", "nightly", "--json")[1])
    assert (paused["paused"], paused["due_at"]) == (True, None)


def test_a_schedule_is_shown_paused_resumed_run_and_removed(run, book, board):
    assert ": next " in run("add", *NIGHTLY)[1]
    assert "03:00 UTC" in run("list")[1]
    assert ": paused" in run("pause", "nightly")[1]
    assert ": next " in run("resume", "nightly")[1]
    assert "is queued" in run("run", "nightly")[1]
    (job,) = board.list().jobs
    assert job.submitted_by == who_runs_this()
    assert book.get("nightly").last_job_id == job.job_id
    assert json.loads(run("remove", "nightly", "--json")[1]) == {"removed": "nightly"}
    assert "No schedule" in run("list")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "nightly", "--cron", "0 3 * *", "--cohort", "tcga"),
        ("add", "nightly", "--cron", "@daily"),
        ("add", "nightly", "--cron", "@daily", "--cohort", "a", "--bundle", "b"),
        ("add", "nightly", "--cron", "@daily", "--cohort", "../a"),
        ("add", "nightly", "--cron", "@daily", "--cohort", "a", "--time-zone", "Nowhere"),
        ("add", "a/b", "--cron", "@daily", "--cohort", "a"),
        ("pause", "weekly"),
        ("resume", "weekly"),
        ("run", "weekly"),
        ("remove", "weekly"),
        ("remove", ""),
    ],
)
def test_what_is_wrong_ends_in_a_message(run, book, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "What to do" in err
    assert book.list() == []


@pytest.mark.parametrize("arguments", [("list",), ("pause", "a"), ("run", "a"), ("remove", "a")])
def test_a_place_without_a_database_is_told_and_none_is_made(run, tmp_path, arguments):
    code, _, err = run(*arguments, where=("--store", str(tmp_path / "elsewhere")))
    assert code == 2
    assert "no database of jobs" in err
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_done_with_schedules_is_in_the_audit_trail(run, book, trail):
    run("add", *NIGHTLY)
    run("add", *NIGHTLY)  # refused
    for action in ("pause", "resume", "run", "remove", "remove"):  # the second one is refused
        run(action, "nightly")
    run("list")
    actions = ("added", "paused", "resumed", "run", "removed")
    assert trail() == [(f"schedule.{one}", who_runs_this(), "nightly") for one in actions]


def test_a_schedule_is_paused_although_the_audit_trail_is_away(run, book, monkeypatch):
    run("add", *NIGHTLY)
    monkeypatch.setenv("CUPROMARK_SERVE_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    code, out, err = run("pause", "nightly", "--json")
    assert (code, json.loads(out)["paused"]) == (0, True)
    assert "not in the audit trail" in err
    assert book.get("nightly").paused


def test_over_http_a_service_is_asked(run, answer_with, monkeypatch, tmp_path):
    schedule = {"name": "n", "cron": "@daily", "time_zone": "UTC", "note": "run by me"}
    schedule |= {"spec": {"kind": "retrain", "cohort": "tcga"}, "last_due_at": None}
    schedule |= {"due_at": "2026-11-23T03:00:00.000Z"}
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        if request.method == "DELETE":
            return httpx.Response(204)
        if request.url.path.endswith("/run"):
            return httpx.Response(202, json={"job_id": "a1", "state": "queued"})
        if request.method == "GET":
            return httpx.Response(200, json={"items": [schedule]})
        if request.url.path == "/v1/schedules":
            assert json.loads(request.content) == {
                "name": "n",
                "cron": "@daily",
                "time_zone": "UTC",
                "job": {"kind": "retrain", "cohort": "tcga", "drugs": ["A"], "force": False},
            }
        return httpx.Response(200, json=schedule)

    answer_with(answer)
    monkeypatch.setenv("CUPROMARK_API_KEY", "cmk_secret")
    here = partial(run, where=("--url", "http://service"))
    shown = f"{'n':<16} {'@daily UTC':<24} retrain tcga: next 2026-11-23 03:00 UTC (run by me)\n"
    assert here("add", "n", "--cron", "@daily", "--cohort", "tcga", "--drugs", "A")[1] == shown
    assert here("list")[1] == shown
    assert json.loads(here("list", "--json")[1]) == [schedule]
    assert here("pause", "n")[1] == here("resume", "n")[1] == shown
    assert "Job a1 is queued" in here("run", "n")[1]
    assert here("remove", "n") == (0, "Schedule n is removed.\n", "")
    paths = [("POST", ""), ("GET", ""), ("GET", ""), ("POST", "/n/pause"), ("POST", "/n/resume")]
    paths += [("POST", "/n/run"), ("DELETE", "/n")]
    assert asked == [(how, f"/v1/schedules{path}", "Bearer cmk_secret") for how, path in paths]
    assert not list(tmp_path.rglob("*.db"))
