"""The real process of a job: what it says when things are away or wrong, and how it ends."""

import pytest

from models.errors import StoreAwayError
from models.jobs.spec import JobSpec
from models.store import BundleStore
from training.jobs.child_process import ChildProcess

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def child():
    started = ChildProcess()
    yield started
    started.kill()


def ask(child, folder, step, *, cohort="simulated", store=NOBODY, given=None):
    spec = JobSpec(kind="retrain", cohort=cohort)
    child.send(
        {
            "step": step,
            "job_id": "j",
            "spec": spec.to_json(),
            "folder": str(folder / "jobs" / "j"),
            "store": store,
            "processes": 1,
            "policies": str(folder),
            "submitted_by": "ada",
            "given": given or {},
        }
    )
    logs = []
    while True:
        message = child.next_message(60)
        assert message is not None
        if "log" in message:
            logs.append(message["log"][1])
        elif "progress" not in message:
            return message, logs


def test_an_mlflow_that_does_not_answer_is_away_and_no_failure(child, tmp_path):
    message, _ = ask(child, tmp_path, "news", given={"question": "q"})
    assert message["away"].startswith(f"MLflow at {NOBODY} cannot be reached")
    with pytest.raises(StoreAwayError):
        BundleStore(NOBODY, cache=tmp_path).list()


def test_a_file_that_has_changed_since_it_was_fetched_is_refused(child, tmp_path):
    path = tmp_path / "expression.csv"
    path.write_text("changed")
    message, _ = ask(child, tmp_path, "verify", given={"files": [["x", str(path), "a" * 64]]})
    assert "x has changed since it was fetched" in message["failed"]


def test_fetching_nothing_says_so(child, tmp_path):
    message, logs = ask(child, tmp_path, "fetch")
    assert message == {"done": {"files": []}}
    assert logs == ["the cohort is simulated: nothing is fetched and nothing was measured"]


def test_what_nobody_foresaw_ends_it_with_its_last_words(tmp_path):
    child = ChildProcess()
    message, logs = ask(child, tmp_path, "no such step", store=str(tmp_path))
    child.kill()
    assert message == {"ended": "ended with code 1: KeyError: 'no such step'"}
    assert any("Traceback" in line for line in logs)
