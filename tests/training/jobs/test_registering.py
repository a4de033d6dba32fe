"""A job registers one version, wherever it was killed on the way."""

from dataclasses import replace

import pytest

from models.jobs.spec import JobSpec
from models.mlflow_session import mlflow_session
from models.store import CHALLENGER, JOB_TAG, local_store
from training.jobs import work_store, work_training
from training.jobs.question import QUESTION_TAG, answered_by
from training.jobs.work import Task
from training.jobs.work_data import JobData
from training.jobs.work_training import KEPT
from training.tracking import PARENT_TAG

SPEC = JobSpec(kind="retrain", cohort="simulated", drugs=("Cisplatin",), n_folds=2, n_seeds=1)


class KilledError(BaseException):
    """The process is gone: nothing after it runs."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A job's folder as it is before `register`, and its data."""
    folder = tmp_path_factory.mktemp("job")
    data = JobData(SPEC, lambda message: None)
    given = {"drugs": ["Cisplatin"], "question": "q1"}
    task = Task("job1", SPEC, folder, local_store(folder / "none"), 1, folder, "ada", given)
    work_training.train_batch(task, data)
    work_training.finish_training(task, data)
    work_training.write_reports(task, data)
    assert (folder / KEPT).is_dir()
    return task, data


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return local_store(tmp_path_factory.mktemp("var"))


@pytest.mark.parametrize(
    "killed_at",
    ["create_run", "log_batch", "set_terminated", "create_model_version", "set_alias"],
)
def test_killed_anywhere_a_repetition_leaves_one_run_and_one_version(
    trained, store, monkeypatch, killed_at
):
    from mlflow import MlflowClient

    job_id = f"job-{killed_at}"
    task = replace(trained[0], job_id=job_id, store=store)
    name = "set_registered_model_alias" if killed_at == "set_alias" else killed_at

    def die(*arguments, **options):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, name, die)
        with pytest.raises(KilledError):
            work_store.register(task, trained[1])
    first = work_store.register(task, trained[1])
    second = work_store.register(task, trained[1])
    assert first == second
    (stored,) = [one for one in store.list() if one.tags["job"] == job_id]
    assert stored.version == first["version"]
    assert CHALLENGER in stored.aliases
    with mlflow_session(task.store.tracking_uri) as client:
        runs = client.search_runs([task.store.experiment_id()], f"tags.job = '{job_id}'")
        assert [run.info.run_id for run in runs] == [first["run_id"]]
        assert runs[0].info.status == "FINISHED"


def test_of_unfinished_runs_nothing_stays_however_many_pages_mlflow_gives_them_on(
    trained, store, monkeypatch
):
    from mlflow import MlflowClient

    task = replace(trained[0], job_id="job-many", store=store)
    experiment_id, search = store.experiment_id(), MlflowClient.search_runs
    with mlflow_session(store.tracking_uri) as client:
        parents = [
            client.create_run(experiment_id, tags={JOB_TAG: "job-many"}).info.run_id
            for _ in range(2)
        ]
        left = [
            client.create_run(experiment_id, tags={PARENT_TAG: parent}).info.run_id
            for parent in parents
            for _ in range(3)
        ]

    def one_a_page(client, experiment_ids, filter_string="", *, page_token=None, **options):
        return search(client, experiment_ids, filter_string, max_results=1, page_token=page_token)

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "search_runs", one_a_page)
        work_store.register(task, trained[1])
    with mlflow_session(store.tracking_uri) as client:
        stages = {client.get_run(run_id).info.lifecycle_stage for run_id in (*parents, *left)}
    assert stages == {"deleted"}


def test_the_registered_question_is_found_and_no_other(trained, store):
    task = replace(trained[0], store=store)
    registered = work_store.register(task, trained[1])
    found = answered_by(task.store, "simulated", "q1")
    assert (found.version, found.tags[QUESTION_TAG]) == (registered["version"], "q1")
    assert answered_by(task.store, "simulated", "q2") is None
    assert answered_by(task.store, "gdsc", "q1") is None


def test_a_training_that_is_not_here_any_more_is_made_again(trained, store, tmp_path):
    task, data = trained
    elsewhere = replace(task, job_id="elsewhere", folder=tmp_path, store=store)
    before = work_training.finish_training(task, data)
    registered = work_store.register(elsewhere, data)
    assert registered["bundle_sha256"] == before["bundle_sha256"]
