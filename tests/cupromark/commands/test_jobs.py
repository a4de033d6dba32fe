"""Jobs from the command line, on their database and through a service that is made up."""

import json
from functools import partial
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import update

from cupromark import board_events
from cupromark.databases import who_runs_this
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.errors import BoardAway
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs


@pytest.fixture
def run(run_on_jobs):
    return partial(run_on_jobs, "jobs")


def submitted(run, *arguments):
    code, out, _ = run("submit", *arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_a_job_is_submitted_with_what_the_options_say(run, board):
    options = ("--cohort", "tcga", "--drugs", "Cisplatin, Docetaxel", "--folds", "3", "--drill")
    made = submitted(run, *options, "--promote", "never", "--reason", "new release")
    spec = JobSpec.from_json(
        {
            "kind": "retrain",
            "cohort": "tcga",
            "drugs": ["Cisplatin", "Docetaxel"],
            "n_folds": 3,
            "drill": "shuffled_labels",
            "promote": "never",
            "reason": "new release",
        }
    )
    assert board.get(made["job_id"]).spec == spec
    assert submitted(run, "--bundle", "challenger")["spec"]["bundle"] == "challenger"
    assert board.list().jobs[0].submitted_by.endswith("(command line)")


def test_the_same_word_makes_one_job(run, board):
    first, again = [submitted(run, "--cohort", "tcga", "--once", "w3") for _ in range(2)]
    assert first["job_id"] == again["job_id"]
    code, out, _ = run("submit", "--cohort", "tcga", "--seed", "1", "--once", "w3", "--json")
    assert (code, json.loads(out)["error"]["type"]) == (2, "IdempotencyConflict")
    assert len(board.list().jobs) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit",),
        ("submit", "--cohort", "a", "--bundle", "b"),
        ("submit", "--cohort", "../a"),
        ("submit", "--bundle", "b", "--folds", "3"),
        ("submit", "--cohort", "a", "--promote", "always"),
        ("list", "--state", "done"),
        ("show", "none-such"),
        ("cancel", "none-such"),
        ("watch", "none-such"),
        ("show", ""),
        ("retry", ""),
    ],
)
def test_what_is_wrong_ends_in_a_message(run, board, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "What to do" in err


def test_jobs_are_listed_shown_cancelled_resumed_and_made_again(run, board, address):
    made = [submitted(run, "--bundle", str(number))["job_id"] for number in range(3)]
    assert "is cancelled" in run("cancel", made[1])[1]
    listed = json.loads(run("list", "--state", "queued", "--json")[1])
    assert [job["job_id"] for job in listed] == [made[2], made[0]]
    assert len(run("list", "--limit", "2")[1].splitlines()) == 2
    assert "cancelled by" in run("show", made[1])[1]
    again = json.loads(run("retry", made[1], "--json")[1])
    assert again["job_id"] not in made
    assert "is queued" in run("resume", made[1])[1]
    code, out, _ = run("resume", made[1], "--json")
    assert (code, json.loads(out)["error"]["type"]) == (2, "WrongState")


ENDS = {
    "promoted": ({"state": "succeeded", "outcome": "promoted"}, 0),
    "nothing_new": ({"state": "succeeded", "outcome": "nothing_new"}, 0),
    "refused": ({"state": "succeeded", "outcome": "refused", "reasons": ["floor: low"]}, 3),
    "failed": ({"state": "failed", "reason": "out of memory"}, 1),
    "cancelled": ({"state": "cancelled"}, 4),
}


AT_WORK = {"state": "running", "step": "train", "percent": 40.0, "seconds_left": 9.0}
FURTHER = {"percent": 55.0, "seconds_left": 5.0}


@pytest.fixture
def work(address, monkeypatch):
    """Have a worker do the next thing each time that a watcher waits for news."""
    engine = open_jobs_engine(address)

    def work(job_id, *steps):
        to_do = iter(steps)

        def do_next(seconds):
            values, text = next(to_do)
            with writing(engine) as connection:
                connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**values))
                add_lines(connection, job_id, [(1_800_000_000.0, "info", text)])

        monkeypatch.setattr(board_events, "time", SimpleNamespace(sleep=do_next))

    yield work
    engine.dispose()


@pytest.mark.parametrize("name", ENDS)
def test_a_job_is_watched_to_its_end_which_the_exit_code_tells(run, board, work, name):
    end, expected = ENDS[name]
    job_id = submitted(run, "--cohort", "tcga")["job_id"]
    work(job_id, (AT_WORK, "half"), (end | {"percent": 100.0}, "done"))
    code, out, err = run("watch", job_id)
    assert code == expected
    assert f"Job {job_id}: {name}." in out
    assert "half" in err
    assert "done" in err
    assert ("gate: floor: low" in out) == (name == "refused")


def test_watching_as_json_is_an_event_a_line_as_the_service_tells_it(run, board, work):
    job_id = submitted(run, "--cohort", "tcga")["job_id"]
    work(job_id, (AT_WORK, "half"), (FURTHER, "more"), (ENDS["failed"][0], "done"))
    code, out, _ = run("watch", job_id, "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    kinds = ["state", "state", "log", "progress", "log", "state", "log", "end"]
    assert [one["event"] for one in events] == kinds
    states = [one["data"]["state"] for one in events if one["event"] == "state"]
    assert states == ["queued", "running", "failed"]
    assert [one["data"]["number"] for one in events if one["event"] == "log"] == [1, 2, 3]
    assert events[3]["data"] == {"step": "train"} | FURTHER  # not the whole job
    assert events[-1]["data"] == {"state": "failed", "outcome": None}


def test_leaving_a_job_that_is_watched_is_130_and_leaves_it(run, board, monkeypatch):
    job_id = submitted(run, "--cohort", "tcga")["job_id"]

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(board_events.time, "sleep", interrupt)
    assert run("watch", job_id)[0] == 130
    assert board.get(job_id).state == "queued"


def test_a_database_that_is_away_is_told_once_each_time(board, monkeypatch):
    job = board.submit(JobSpec("promote", bundle="3"), submitted_by="me").job
    away = BoardAway("It does not answer.", needed="one that does.", remedy="wait.")
    looks = iter((None, away, away, None, away, None))

    def look(job_id):
        if (error := next(looks)) is not None:
            raise error
        return get(job_id)

    get = board.get
    monkeypatch.setattr(board, "get", look)
    monkeypatch.setattr(board_events, "AWAY_SECONDS", 0.0)
    monkeypatch.setattr(board_events, "POLL_SECONDS", 0.0)
    told = []
    for name, content in board_events.board_events(board, job.job_id, after=0):
        told.append(name)
        if name == "away":
            assert content == {"detail": "It does not answer."}
            if told.count("away") == 2:
                board.cancel(job.job_id, by="me")
    assert told == ["state", "away", "away", "state", "log", "end"]


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "a"), ("watch", "a"), ("cancel", "a"), ("retry", "a")]
)
def test_a_place_without_a_database_is_told_and_none_is_made(run, tmp_path, arguments):
    code, out, err = run(*arguments, where=("--store", str(tmp_path / "elsewhere")))
    assert (code, out) == (2, "")
    assert f"no database of jobs at {tmp_path / 'elsewhere' / 'jobs.db'}" in err
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_done_with_jobs_is_in_the_audit_trail(run, board, trail):
    job_id = submitted(run, "--cohort", "tcga", "--once", "w")["job_id"]
    submitted(run, "--cohort", "tcga", "--once", "w")  # makes nothing
    for action in ("cancel", "resume", "resume", "cancel"):  # the second resume is refused
        run(action, job_id)
    again = json.loads(run("retry", job_id, "--json")[1])["job_id"]
    run("list")
    run("show", job_id)
    me = who_runs_this()
    assert trail() == [
        ("job.submitted", me, f"{job_id}: retrain tcga"),
        ("job.cancelled", me, f"{job_id}: retrain tcga"),
        ("job.resumed", me, f"{job_id}: retrain tcga"),
        ("job.cancelled", me, f"{job_id}: retrain tcga"),
        ("job.submitted", me, f"{again}: retrain tcga again, as {job_id}"),
    ]


@pytest.mark.parametrize(
    "address_of_service", ["postgresql://nobody@127.0.0.1:9/none", "rubbish", None]
)
def test_a_job_is_cancelled_although_the_audit_trail_is_away(
    run, board, tmp_path, monkeypatch, address_of_service
):
    job_id = submitted(run, "--cohort", "tcga")["job_id"]
    if address_of_service is None:
        (tmp_path / "var" / "serving" / "serving.db").mkdir(parents=True)  # no file of ours
    else:
        monkeypatch.setenv("CUPROMARK_SERVE_DATABASE_URL", address_of_service)
    code, out, err = run("cancel", job_id, "--json")
    assert (code, json.loads(out)["state"]) == (0, "cancelled")
    assert "not in the audit trail" in err
    assert board.get(job_id).state == "cancelled"


def test_where_the_service_has_no_database_none_is_made(run, board, tmp_path):
    code, _, err = run("submit", "--cohort", "tcga")
    assert code == 0
    assert "audit" not in err
    assert not list(tmp_path.rglob("serving.db"))


def problem(status, **fields):
    def answer(request):
        return httpx.Response(
            status, json=fields, headers={"content-type": "application/problem+json"}
        )

    return answer


HTTP = ("--url", "http://service")


def test_over_http_the_places_that_do_not_fit_are_named(run, answer_with):
    place = {"pointer": "/cohort", "message": "String should match a pattern"}
    answer_with(problem(422, detail="1 place(s) do not fit.", errors=[place]))
    code, _, err = run("submit", "--cohort", "../a", where=HTTP)
    assert code == 2
    assert "1 place(s) do not fit. /cohort: String should match a pattern" in err


def test_over_http_without_a_key_the_variable_is_named(run, answer_with):
    answer_with(problem(401, detail="No key.", remedy="send `Authorization: Bearer <key>`."))
    code, _, err = run("list", where=HTTP)
    assert code == 2
    assert "CUPROMARK_API_KEY" in err
    assert "Bearer" not in err


@pytest.mark.parametrize(
    "url", ["service", "127.0.0.1:8000", "ftp://service", "http://", "http://service:port"]
)
def test_an_address_that_is_none_is_told(run, url):
    code, out, err = run("list", "--json", where=("--url", url))
    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["type"] == "ClientSettingError"


@pytest.mark.parametrize("action", ["show", "watch", "cancel", "resume", "retry"])
def test_over_http_an_empty_id_is_told(run, action):
    code, out, err = run(action, "", where=HTTP)
    assert (code, out) == (2, "")
    assert "is empty" in err


def test_what_is_no_service_of_ours_is_told_when_a_job_is_watched(run, answer_with):
    page = {"content": b"<html></html>", "headers": {"content-type": "text/html"}}
    answer_with(lambda request: httpx.Response(200, **page))
    for arguments in (("watch", "a1"), ("show", "a1")):
        code, out, err = run(*arguments, where=HTTP)
        assert (code, out) == (2, "")
        assert "http://service/v1/jobs/a1" in err
        assert "not as this service does" in err
        assert "%" not in err  # no bar of a job that there is not


def test_over_http_a_service_is_asked(run, answer_with, monkeypatch):
    job = {"job_id": "a1", "state": "queued"}
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        if request.url.path.endswith("/events"):
            events = b'event: state\ndata: {"state": "queued"}\n\n'
            events += b'event: end\ndata: {"state": "cancelled", "outcome": null}\n\n'
            return httpx.Response(200, content=events)
        return httpx.Response(202, json=job)

    answer_with(answer)
    monkeypatch.setenv("CUPROMARK_API_KEY", "cmk_secret")
    where = ("--url", "http://service")
    assert "Job a1 is queued" in run("submit", "--cohort", "tcga", where=where)[1]
    assert run("watch", "a1", "--json", where=where)[0] == 4
    run("cancel", "a1", where=where)
    assert asked == [
        ("POST", "/v1/jobs", "Bearer cmk_secret"),
        ("GET", "/v1/jobs/a1/events", "Bearer cmk_secret"),
        ("POST", "/v1/jobs/a1/cancel", "Bearer cmk_secret"),
    ]


@pytest.mark.parametrize("command", ["jobs", "schedules"])
def test_a_place_that_is_typed_goes_before_the_variable(
    run_on_jobs, board, address, answer_with, monkeypatch, tmp_path, command
):
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(200, json={"items": [], "next": None, "counts": {}})

    answer_with(answer)
    listed = (command, "list", "--json")
    monkeypatch.setenv("CUPROMARK_URL", "http://of-the-variable.example")
    for here in (("--database", address), ("--store", str(tmp_path))):
        assert run_on_jobs(*listed, where=here)[0] == 0
        assert asked == []
    assert run_on_jobs(*listed, where=())[0] == 0
    assert run_on_jobs(*listed, where=("--url", "http://typed.example"))[0] == 0
    assert [url.split("/")[2] for url in asked] == ["of-the-variable.example", "typed.example"]
    both = ("--store", str(tmp_path), "--url", "http://typed.example")
    for order in (both, both[2:] + both[:2]):
        code, out, _ = run_on_jobs(*listed, where=order)
        assert (code, json.loads(out)["error"]["found"]) == (
            2,
            "Two places of jobs are named: a service with --url, and a database or store here.",
        )
    assert len(asked) == 2
