"""The durable side of jobs: DBOS, called by name, so that nobody here needs to import training.

DBOS is imported when it is first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine

from models.jobs.database import translated, writing

if TYPE_CHECKING:
    from dbos import DBOSClient, DBOSConfig

APPLICATION = "cupromark"
WORKFLOW = "cupromark_job"
QUEUE = "cupromark_jobs"
# Shape of the workflow: its steps and their order. It stands in for DBOS's version of the
# application, which is a hash of code, so that a new release goes on with jobs of the one before.
# Raise it when the steps of `training.jobs.workflow` change, after the queue has run empty.
WORKFLOW_SHAPE = "cupromark-jobs-1"
OVER = ("SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
CANCELLED, GONE = "CANCELLED", "GONE"


def quiet_dbos() -> None:
    """Let only errors of DBOS pass, and through the process's own handlers."""
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(logging.ERROR)  # warnings come with every poll while the database is away


def migrate(engine: Engine) -> None:
    """Make or update the tables of DBOS."""
    from dbos import DBOS

    quiet_dbos()
    with translated():
        DBOS.migrate(engine.url.render_as_string(hide_password=False))


class DurableQueue:
    """The queue of durable jobs, as DBOS's client offers it."""

    def __init__(self, engine: Engine) -> None:
        from dbos import DBOSClient, DBOSPortableJSONSerializer

        quiet_dbos()
        self._engine = engine
        self._client: DBOSClient = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            serializer=DBOSPortableJSONSerializer(),
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(self, connection: Connection, job_id: str) -> None:
        """Put a job into the queue, in a transaction of the caller."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": job_id,
                "app_version": WORKFLOW_SHAPE,
            },
            job_id,
        )

    def cancel(self, job_id: str) -> None:
        """Take a job out of the queue, or stop it at its next checkpoint."""
        with translated():
            self._client.cancel_workflow(job_id)

    def resume(self, job_id: str) -> None:
        """Put a job back into the queue; it goes on after its last checkpoint.

        A checkpoint of a step that failed is dropped, and so is the end of a job that was over.
        """
        with translated():
            steps = self._client.list_workflow_steps(job_id)
            failed = [step["function_id"] for step in steps if step["error"] is not None]
            status = self.done_with([job_id]).get(job_id)
            if status == GONE:
                with writing(self._engine) as connection:
                    self.enqueue(connection, job_id)
            elif failed or status in OVER:
                after = max((step["function_id"] for step in steps), default=0) + 1
                self._rewind(job_id, min(failed, default=after), is_over=status in OVER)
            else:
                self._client.resume_workflow(job_id, queue_name=QUEUE)

    def requeue(self, job_ids: Sequence[str]) -> None:
        """Put jobs of a worker that is gone back into the queue."""
        if job_ids:
            with translated():
                self._client.resume_workflows(list(job_ids), queue_name=QUEUE)

    def forget(self, job_ids: Sequence[str]) -> None:
        """Remove jobs with their checkpoints; unknown ones are passed over."""
        if job_ids:
            with translated():
                self._client.delete_workflows(list(job_ids))

    def pending_of(self, executor_id: str) -> list[str]:
        """Jobs that a worker has taken out of the queue and not ended."""
        with translated():
            found = self._client.list_workflows(
                executor_id=executor_id, status="PENDING", load_input=False, load_output=False
            )
        return [one.workflow_id for one in found]

    def done_with(self, job_ids: Sequence[str]) -> dict[str, str]:
        """Jobs that the queue has done with, and how DBOS calls that; unknown ones as `GONE`."""
        if not job_ids:
            return {}
        with translated():
            found = self._client.list_workflows(
                workflow_ids=list(job_ids), load_input=False, load_output=False
            )
        status = {one.workflow_id: str(one.status) for one in found}
        known = {job_id: status.get(job_id, GONE) for job_id in job_ids}
        return {job_id: how for job_id, how in known.items() if how in (*OVER, CANCELLED, GONE)}

    def done_with_before(self, moment: float) -> list[str]:
        """List what was submitted before a time, and that the queue has done with."""
        submitted = datetime.fromtimestamp(moment, UTC).isoformat()
        with translated():
            found = self._client.list_workflows(
                name=WORKFLOW,
                status=[*OVER, CANCELLED],
                end_time=submitted,
                load_input=False,
                load_output=False,
            )
        return [one.workflow_id for one in found]

    def is_stranded(self, job_id: str) -> bool:
        """Whether the queue has done with a job."""
        return job_id in self.done_with([job_id])

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()

    def _rewind(self, job_id: str, start_step: int, *, is_over: bool) -> None:
        if not is_over:  # DBOS rewinds only what has ended
            self._client.cancel_workflow(job_id)
        from dbos import error

        options: dict[str, Any] = {"start_step": start_step, "queue_name": QUEUE}
        try:
            self._client.rewind_workflow(job_id, **options)
        except error.DBOSException:
            if self.is_stranded(job_id):
                raise  # otherwise another process was faster: it is back in the queue


def dbos_settings(engine: Engine, executor_id: str) -> DBOSConfig:
    """Give the settings with which a worker starts DBOS."""
    from dbos import DBOSPortableJSONSerializer

    quiet_dbos()
    return {
        "name": APPLICATION,
        "system_database_engine": engine,
        "executor_id": executor_id,
        "application_version": WORKFLOW_SHAPE,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "enable_otlp": False,
        "use_listen_notify": True,
    }
