"""Errors of jobs.

::

    ModelsError
    └── JobError                  everything this package raises
        ├── JobSpecError          a field of a job that cannot be what it is
        ├── UnknownJob            no job of this id
        ├── WrongState            a job that cannot be cancelled, resumed or retried as it stands
        ├── IdempotencyConflict   a key that was used for another job
        ├── UnknownPage           a place in the list of jobs that no page gave
        ├── ExecutorTaken         a worker's name that another live worker has
        ├── ScheduleError         a schedule that cannot be as it is asked for
        │   ├── UnknownSchedule   no schedule of this name
        │   └── ScheduleTaken     a name that another schedule has
        ├── BoardAway             the database of the jobs does not answer
        └── BoardUnusable         an address, a file or tables that waiting does not mend
"""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import ModelsError


class JobError(ModelsError):
    """Root of the errors of jobs."""


class JobSpecError(JobError):
    """A field of a job that cannot be what it is.

    Attributes
    ----------
    field
        Its name.
    """

    def __init__(self, field: str, *, found: str, needed: str) -> None:
        super().__init__(
            f"The field {field} of the job is {found}.",
            needed=needed,
            remedy=f"mend {field} and submit the job again.",
        )
        self.field = field


class UnknownJob(JobError):  # noqa: N818 - names of the binding interface
    """No job of this id."""


class WrongState(JobError):  # noqa: N818
    """A job that cannot be cancelled, resumed or retried as it stands.

    Attributes
    ----------
    state
        Of the job.
    can
        What can be done with it instead.
    """

    def __init__(self, message: str, *, needed: str, remedy: str, state: str, can: Sequence[str]):
        super().__init__(message, needed=needed, remedy=remedy)
        self.state = state
        self.can = tuple(can)


class IdempotencyConflict(JobError):  # noqa: N818
    """A key that was used for another job."""


class UnknownPage(JobError):  # noqa: N818
    """A place in the list of jobs that no page gave."""


class ExecutorTaken(JobError):  # noqa: N818
    """A worker's name that another live worker has."""


class ScheduleError(JobError):
    """A schedule that cannot be as it is asked for."""


class UnknownSchedule(ScheduleError):  # noqa: N818
    """No schedule of this name."""


class ScheduleTaken(ScheduleError):  # noqa: N818
    """A name that another schedule has."""


class BoardAway(JobError):  # noqa: N818
    """The database of the jobs does not answer: ask again later."""


class BoardUnusable(JobError):  # noqa: N818
    """The database of the jobs cannot be used as it is: waiting does not mend it."""
