"""Steps of a job as checkpoints: orders to its process, and questions to the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from training.jobs.attempt import Attempt

Result = dict[str, Any]
Checkpoint = Callable[[str, Callable[[], Result]], Result]


class Steps:
    """Does the steps of one job, each once.

    Parameters
    ----------
    attempt
        Does them.
    checkpoint
        Does a step, or gives its result where it was done before.
    """

    def __init__(self, attempt: Attempt, checkpoint: Checkpoint) -> None:
        self._attempt = attempt
        self.checkpoint = checkpoint

    def order(
        self,
        step: str,
        order: str,
        given: Mapping[str, Any],
        *,
        name: str | None = None,
        begin: float = 0.0,
        end: float = 1.0,
    ) -> Result:
        """Have the job's process do something.

        Parameters
        ----------
        step, begin, end
            Where on the course this is, in shares of the step.
        order, given
            What is to be done, and what it takes.
        name
            Of the checkpoint; that of the step when not given.
        """
        done = self.checkpoint(
            name or step,
            lambda: self._attempt.order(order, given, step=step, begin=begin, end=end),
        )
        self._attempt.course.passed(step, end)
        figures = done.get("figures")
        if figures:
            self._attempt.write(lambda job: job.note(figures))
        return done

    def outside(self, name: str, ask: Callable[[], Result]) -> Result:
        """Ask or tell the service something; `name` begins with the step and a colon."""
        step = name.partition(":")[0]
        return self.checkpoint(name, lambda: self._attempt.waiting(ask, step=step))
