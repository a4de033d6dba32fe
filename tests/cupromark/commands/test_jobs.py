"""Jobs from the command line, on their database and through a service that is made up."""

import json
import threading
import time

import httpx
import pytest
from sqlalchemy import update

from cupromark import job_desks
from cupromark.client import Client
from cupromark.main import main
from models.jobs.board import JobBoard
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'jobs.db'}"


@pytest.fixture
def board(address):
    opened = JobBoard(address)
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def run(capsys, address, monkeypatch):
    monkeypatch.setattr(job_desks, "POLL_SECONDS", 0.02)
    for name in ("CUPROMARK_WORKER_DATABASE_URL", "CUPROMARK_SERVE_JOBS_DATABASE_URL",
                 "CUPROMARK_URL", "CUPROMARK_STORE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, where=("--database", address)):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["jobs", *arguments, *where])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


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
    ],
)
def test_what_is_wrong_ends_in_a_message(run, arguments):
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


def work(address, job_id, end):
    engine = open_jobs_engine(address)
    at_work = {"state": "running", "step": "train", "percent": 40.0, "seconds_left": 9.0}
    for values, text in ((at_work, "half"), (end | {"percent": 100.0}, "done")):
        time.sleep(0.1)
        with writing(engine) as connection:
            connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**values))
            add_lines(connection, job_id, [(1_800_000_000.0, "info", text)])
    engine.dispose()


@pytest.mark.parametrize("name", ENDS)
def test_a_job_is_watched_to_its_end_which_the_exit_code_tells(run, board, address, name):
    end, expected = ENDS[name]
    job_id = submitted(run, "--cohort", "tcga")["job_id"]
    worker = threading.Thread(target=work, args=(address, job_id, end))
    worker.start()
    code, out, err = run("watch", job_id)
    worker.join()
    assert code == expected
    assert f"Job {job_id}: {name}." in out
    assert "half" in err
    assert "done" in err
    assert ("gate: floor: low" in out) == (name == "refused")


def test_watching_as_json_is_an_event_a_line(run, board, address):
    job_id = submitted(run, "--cohort", "tcga")["job_id"]
    worker = threading.Thread(target=work, args=(address, job_id, ENDS["failed"][0]))
    worker.start()
    code, out, _ = run("watch", job_id, "--json")
    worker.join()
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    # A line of the log and a change of state come as the worker wrote them, one or the other first.
    kinds = [one["event"] for one in events if one["event"] != "progress"]
    assert (kinds[0], kinds[-1], sorted(kinds[1:-1])) == (
        "state",
        "end",
        ["log"] * 2 + ["state"] * 2,
    )
    states = [one["data"]["state"] for one in events if one["event"] == "state"]
    assert states == ["queued", "running", "failed"]
    assert [one["data"]["number"] for one in events if one["event"] == "log"] == [1, 2]


def test_leaving_a_job_that_is_watched_is_130_and_leaves_it(run, board, monkeypatch):
    job_id = submitted(run, "--cohort", "tcga")["job_id"]

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(job_desks.time, "sleep", interrupt)
    assert run("watch", job_id)[0] == 130
    assert board.get(job_id).state == "queued"


def test_over_http_a_service_is_asked(run, monkeypatch):
    job = {"job_id": "a1", "state": "queued"}
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        if request.url.path.endswith("/events"):
            events = b'event: state\ndata: {"state": "queued"}\n\n'
            events += b'event: end\ndata: {"state": "cancelled", "outcome": null}\n\n'
            return httpx.Response(200, content=events)
        return httpx.Response(202, json=job)

    make = Client.__init__

    def with_transport(self, *given, **named):
        make(self, *given, **named, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(Client, "__init__", with_transport)
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
