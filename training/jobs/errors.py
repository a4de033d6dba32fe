"""Errors of the worker.

::

    TrainingError
    └── WorkerError               a worker that cannot start or go on
        ├── StepFailedError       a step that cannot be done: the job fails with this reason
        ├── AwayError             something that the step needs is away: the job waits for it
        └── StateError            a folder of the worker that cannot be used, or is in use
    BaseException
    └── StepAbandoned             the step is no longer this worker's to finish
"""

from __future__ import annotations

from training.errors import TrainingError


class WorkerError(TrainingError):
    """Root of the errors of the worker."""


class StepFailedError(WorkerError):
    """A step that cannot be done."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(
            reason,
            needed=f"the step {step} of the job to end.",
            remedy="mend that and resume the job: it goes on after its last checkpoint.",
        )

    def __str__(self) -> str:
        return self.found


class AwayError(WorkerError):
    """Something that a step needs is away."""

    def __init__(self, what: str) -> None:
        super().__init__(what, needed="that it answers.", remedy="nothing: the job waits for it.")


class StateError(WorkerError):
    """A folder of the worker that cannot be used, or is in use."""


class StepAbandoned(BaseException):
    """The step is no longer this worker's: cancelled, taken over, or the worker ends.

    No checkpoint may hold it: DBOS records what is an `Exception`, and would raise it again when
    the job goes on.
    """
