"""Pages of jobs: what they show, to whom, and in which words."""

import re
import time

import pytest
from sqlalchemy import update

from models.jobs.board import JobBoard
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.spec import DRILL_WENT_THROUGH, STEPS, JobSpec
from models.jobs.tables import jobs
from serving.access.opening import open_access
from serving.pages.job_words import (
    DOING,
    FIELD_WORDS,
    STEP_WORDS,
    gate_rows,
    length_words,
    said_of,
    steps_of,
)
from serving.settings import ServingSettings

HOSTILE = "<img src=x onerror=alert(1)>"


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
def make_job(board, address):
    """Make a job that stands somewhere."""
    engine = open_jobs_engine(address)

    def make(*, spec=None, lines=(), **values):
        fields = spec or {"kind": "retrain", "cohort": "tcga"}
        job_id = board.submit(JobSpec.from_json(fields), submitted_by="A. Lead").job.job_id
        with writing(engine) as connection:
            if values:
                connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**values))
            add_lines(connection, job_id, [(1_800_000_000.0, "info", text) for text in lines])
        return job_id

    yield make
    engine.dispose()


@pytest.fixture
def client(make_service, asgi_client, board, address):
    return asgi_client(make_service(jobs_database_url=address))


def test_without_jobs_the_list_says_how_one_is_made(client, read_page):
    answer = client.get("/jobs")
    assert "No job yet" in answer.text
    assert "No worker is running" in answer.text
    assert len(read_page(answer.text).all("table")) == 0


def test_pages_are_sound_whatever_a_job_holds(client, make_job, read_page):
    ids = [
        make_job(
            lines=[HOSTILE, "second"],
            state="succeeded",
            outcome="refused",
            reasons=[f"floor: {HOSTILE}; needed more"],
            figures={HOSTILE: HOSTILE, "roc_auc_mean": 0.51234},
            started_at=1_800_000_000.0,
            ended_at=1_800_003_600.0,
        ),
        make_job(state="failed", step="train", reason=HOSTILE, percent=40.0),
        make_job(state="running", step="gate", percent=90.0, seconds_left=61.0),
        make_job(spec={"kind": "promote", "bundle": "3"}),
    ]
    for path in ("/jobs", *(f"/jobs/{job_id}" for job_id in ids)):
        answer = client.get(path)
        page = read_page(answer.text)
        assert answer.status_code == 200
        assert "<img" not in answer.text
        assert len(page.ids) == len(set(page.ids))
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), page.headings
        for tag, given in page.elements:
            assert "style" not in given
            assert tag != "script" or set(given) == {"type", "src"}
        for control in page.all("input", "select", "textarea"):
            assert control["id"] in page.labelled
        for bar in page.all("progress"):
            assert bar["aria-label"]


def test_the_list_is_filtered_and_turned(client, make_job):
    ids = [make_job() for _ in range(30)]
    failed = make_job(state="failed")
    first = client.get("/jobs").text
    older = re.search(r'href="(/jobs\?cursor=\d+)" rel="next"', first)[1]
    shown = re.findall(r'<tr id="job-(\w+)"', first + client.get(older).text)
    assert shown == [failed, *reversed(ids)]
    only = client.get("/jobs?state=failed&kind=").text
    assert re.findall(r'<tr id="job-(\w+)"', only) == [failed]
    assert "No job fits these filters" in client.get("/jobs?state=waiting").text
    assert client.get("/jobs?state=done").status_code == 422


def test_an_unknown_job_has_a_page_that_says_so(client):
    answer = client.get("/jobs/none-such")
    assert answer.status_code == 404
    assert "There is no job" in answer.text


def test_who_may_not_see_jobs_is_told_and_who_may_not_operate_sees_no_form(
    make_service, asgi_client, make_job, address, tmp_path
):
    service = asgi_client(make_service(jobs_database_url=address, open_mode=False))
    job_id = make_job()
    access = open_access(ServingSettings(state=tmp_path), clock=time.time, monotonic=time.monotonic)
    keys = {
        scope: access.keys.create(scope, [scope], created_by="test")[0].text
        for scope in ("predict", "review", "operate")
    }
    access.close()
    assert service.get("/jobs").status_code == 303
    for path in ("/jobs", f"/jobs/{job_id}"):
        found = {s: service.get(path, headers={"X-API-Key": key}) for s, key in keys.items()}
        assert found["predict"].status_code == 403
        assert "A. Lead" not in found["predict"].text
        for scope, offers in (("review", False), ("operate", True)):
            text = found[scope].text
            assert job_id in text
            assert ('id="job-form"' in text or 'id="job-actions"' in text) == offers


def test_every_step_and_field_has_its_words(board):
    assert set(STEP_WORDS) == set(DOING) == set(STEPS)
    specs = ({"kind": "retrain", "cohort": "a"}, {"kind": "promote", "bundle": "b"})
    fields = {name for spec in specs for name in JobSpec.from_json(spec).to_json()}
    assert set(FIELD_WORDS) == fields


def test_steps_stand_before_at_and_after_where_a_job_is(board, make_job):
    def stands(**values):
        return {name: stand for name, _, stand in steps_of(board.get(make_job(**values)))}

    running = stands(state="running", step="train")
    assert (running["join"], running["train"], running["evidence"]) == ("done", "now", "to come")
    assert stands(state="failed", step="train")["train"] == "stopped"
    assert set(stands(state="succeeded", outcome="promoted").values()) == {"done"}
    refused = stands(state="succeeded", outcome="refused")
    assert (refused["shadow"], refused["gate"], refused["promote"]) == (
        "done", "stopped", "left out",
    )  # fmt: skip
    assert list(stands(spec={"kind": "promote", "bundle": "3"})) == [
        "fetch",
        "shadow",
        "gate",
        "promote",
    ]


def test_the_gates_sentences_are_taken_apart():
    rows = gate_rows(("roc_auc_floor: 0.5; needed 0.55", "reviews: not known", "no check"))
    assert rows == [
        ("roc_auc floor", "0.5", "0.55"), ("reviews", "not known", ""), ("", "no check", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "0 s"), (59, "59 s"), (90, "2 min"), (3600, "1 h"), (12_000, "3 h 20 min")],
)
def test_lengths_of_time(seconds, words):
    assert length_words(seconds) == words


def test_a_fire_drill_that_was_refused_is_said_to_have_gone_well(board, make_job):
    drill = {"kind": "retrain", "cohort": "tcga", "drill": "shuffled_labels"}
    ended = {"state": "succeeded", "outcome": "refused"}
    assert "as it should" in said_of(board.get(make_job(spec=drill, **ended)))
    passed = ended | {"reasons": [DRILL_WENT_THROUGH]}
    assert "would have let" in said_of(board.get(make_job(spec=drill, **passed)))
    assert "as it should" not in said_of(board.get(make_job(**ended)))
