"""Look for news, and register: a job's dealings with MLflow."""

from __future__ import annotations

from functools import partial
from typing import Any

from models.mlflow_pages import all_pages
from models.mlflow_session import mlflow_session
from models.store import JOB_TAG, BundleStore
from training.drug_training import SkippedDrug, TrainedDrug
from training.jobs.question import DRILL_TAG, QUESTION_TAG, answered_by, settings_of
from training.jobs.work import Result, Task
from training.jobs.work_data import JobData
from training.jobs.work_training import BUNDLE, REPORT, finished
from training.tracking import PARENT_TAG, MlflowTracking


def look_for_news(task: Task) -> Result:
    """Find the registered bundle that answers the job's question already."""
    known = answered_by(task.store, str(task.spec.cohort), task.given["question"])
    if known is None:
        return {"version": None}
    return {"version": known.version, "aliases": list(known.aliases), "run_id": known.run_id}


def register(task: Task, data: JobData) -> Result:
    """Write the runs of the training and register its bundle, once a job.

    Runs that a job was killed at are deleted and written again; a version that the job registered
    is found by its tag.
    """
    before = task.store.registered_by_job(task.job_id)
    if before is not None:
        data.log(f"version {before.version} was registered by this job already")
        run_id = before.run_id
    else:
        run_id = _finished_run(task.store, task.job_id) or _write_runs(task, data)
    tags = _tags(task) | {QUESTION_TAG: task.given["question"]}
    if before is None:
        finished(task, data)  # its bundle is here now, whoever trained it
    version = (
        before.version
        if before is not None and not (task.folder / BUNDLE).is_dir()
        else task.store.register(
            task.folder / BUNDLE, run_id=run_id, tags=tags, is_challenger=task.spec.drill is None
        )
    )
    stored = task.store.show(version)
    return {
        "version": version,
        "run_id": stored.run_id,
        "experiment_id": task.store.experiment_id(),
        "bundle_sha256": stored.sha256,
    }


def _finished_run(store: BundleStore, job_id: str) -> str | None:
    """Give the run that a job wrote to its end; delete those of it that it did not end."""
    experiment_id = store.experiment_id()
    with mlflow_session(store.tracking_uri) as client:

        def search(wanted: str) -> list[Any]:
            return all_pages(partial(client.search_runs, filter_string=wanted), [experiment_id])

        for run in search(f"tags.{JOB_TAG} = '{job_id}'"):
            if run.info.status == "FINISHED":
                return str(run.info.run_id)
            for one in (*search(f"tags.`{PARENT_TAG}` = '{run.info.run_id}'"), run):
                client.delete_run(one.info.run_id)
    return None


def _tags(task: Task) -> dict[str, str]:
    """Tags that the run and the version of a job have."""
    tags = {JOB_TAG: task.job_id, "reason": task.spec.reason}
    return tags if task.spec.drill is None else tags | {DRILL_TAG: task.spec.drill}


def _write_runs(task: Task, data: JobData) -> str:
    result = finished(task, data)
    tracking = MlflowTracking(task.store, tags=_tags(task))
    settings = settings_of(task.spec, task.processes)
    tracking.started(data.cohort, settings, [*result.trained, *result.skipped])
    drugs: list[TrainedDrug | SkippedDrug] = [*result.trained.values(), *result.skipped.values()]
    for place, one in enumerate(drugs, start=1):
        tracking.finished_drug(one)
        data.say({"progress": [place, len(drugs) + 1]})
    if (task.folder / REPORT).is_dir():
        with mlflow_session(task.store.tracking_uri) as client:
            client.log_artifacts(str(tracking.parent_run_id), str(task.folder / REPORT), "evidence")
    tracking.finish(result)
    return str(tracking.parent_run_id)
