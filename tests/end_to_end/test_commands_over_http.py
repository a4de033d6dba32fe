"""Commands of jobs and schedules do the same on the database as through a running service."""

import json
import re
import time

import pytest

from serving.access.audit_entries import read_entries
from serving.database.engine import open_database
from tests.end_to_end.running_service import PATIENCE_SECONDS, make_keys, serving

COHORT = ("--cohort", "tcga", "--drugs", "Cisplatin", "--folds", "3", "--promote", "never")
COMMANDS = (  # JOB is the one that was submitted first
    ("jobs", "submit", *COHORT, "--once", "w"),
    ("jobs", "submit", *COHORT, "--once", "w"),
    ("jobs", "submit", "--bundle", "challenger", "--reason", "drift"),
    ("jobs", "submit", "--cohort", "../tcga"),
    ("jobs", "list", "--limit", "2"),
    ("jobs", "list", "--state", "failed"),
    ("jobs", "show", "JOB"),
    ("jobs", "show", "none"),
    ("jobs", "cancel", "JOB"),
    ("jobs", "cancel", "JOB"),
    ("jobs", "watch", "JOB"),
    ("jobs", "watch", "none"),
    ("jobs", "retry", "JOB"),
    ("jobs", "resume", "JOB"),
    ("schedules", "list"),
    ("schedules", "add", "n", "--cron", "0 3 * * 1", "--time-zone", "Europe/Berlin", *COHORT),
    ("schedules", "add", "n", "--cron", "0 3 * * 1", *COHORT),
    ("schedules", "add", "m", "--cron", "@yearly", "--bundle", "3", "--force"),
    ("schedules", "add", "o", "--cron", "0 3 *", *COHORT),
    ("schedules", "list"),
    ("schedules", "pause", "n"),
    ("schedules", "resume", "n"),
    ("schedules", "run", "n"),
    ("schedules", "remove", "m"),
    ("schedules", "remove", "m"),
    ("schedules", "list"),
)
# What differs from one way to the other, or from one moment to the next.
OWN = re.compile(
    r"\b[0-9a-f]{16}\b|\d{4}-\d\d-\d\dT[0-9:.]+Z|\w+ \(command line\)|operate(?= |$|\")"
)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Places of two services; the second one does not run."""
    folders = [tmp_path_factory.mktemp(name) for name in ("asked", "own")]
    keys = [make_keys(folder / "serving") for folder in folders]
    jobs = f"sqlite:///{folders[0] / 'jobs.db'}"
    state = folders[0] / "serving"
    with serving(state, keys[0], CUPROMARK_SERVE_JOBS_DATABASE_URL=jobs) as service:
        yield {
            "service": (state, {"URL": service.address, "API_KEY": keys[0]["operate"]}),
            "database": (folders[1] / "serving", {"STORE": str(folders[1])}),
        }
        assert service.end() == 0


def told(run, place, monkeypatch):
    """What each command answers, without what is its own each time."""
    for name, value in place.items():
        monkeypatch.setenv(f"CUPROMARK_{name}", value)
    job, answers = "", []
    for command in COMMANDS:
        done = run(*(job if word == "JOB" else word for word in command), "--json")
        if not job:
            job = json.loads(done.out)["job_id"]
        answers.append((command, done.code, OWN.sub("...", done.out)))
    for name in place:
        monkeypatch.delenv(f"CUPROMARK_{name}")
    return answers


def test_both_ways_answer_the_same_and_leave_the_same_lines(run, places, monkeypatch):
    by_service, by_database = (told(run, place, monkeypatch) for _, place in places.values())
    for (command, *asked), (_, *own) in zip(by_service, by_database, strict=True):
        if asked[0] == 2:  # messages may name another place of what is wrong, not another outcome
            assert own[0] == 2, command
            assert set(json.loads(asked[1])["error"]) == set(json.loads(own[1])["error"])
        else:
            assert asked == own, command
    assert sum(code != 0 for _, code, _ in by_service) == 8
    lines_asked, lines_own = (lines_of(state) for state, _ in places.values())
    assert lines_asked == lines_own
    assert [action for action, _ in lines_own] == [
        *("job.submitted", "job.submitted", "job.cancelled", "job.submitted", "job.resumed"),
        *("schedule.added", "schedule.added", "schedule.paused", "schedule.resumed"),
        *("schedule.run", "schedule.removed"),
    ]


def lines_of(state):
    """Lines about jobs and schedules; those of a service come within seconds."""
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = reversed(read_entries(database, limit=1000))
        lines = [
            (one.action, OWN.sub("...", one.detail))
            for one in found
            if one.action.startswith(("job.", "schedule."))
        ]
        if lines and lines[-1][0] == "schedule.removed":
            break
        assert time.monotonic() < end, lines
        time.sleep(0.1)
    database.close()
    return lines
