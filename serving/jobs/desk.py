"""What callers do with jobs, each with its line in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Literal

from models.jobs.errors import IdempotencyConflict
from models.jobs.job import Job, Submitted
from models.jobs.spec import JobSpec
from serving.access.audit_entries import AuditEntry
from serving.access.callers import Caller
from serving.errors import IdempotencyKeyError
from serving.request_context import context_of
from serving.services import Services

if TYPE_CHECKING:
    from models.jobs.board import JobBoard

LONGEST_NAME = 200
DONE = {"cancel": "cancelled", "resume": "resumed"}


class JobDesk:
    """Makes and changes jobs in the name of callers.

    The board keeps who did what; the audit trail, in the other database, gets its line after that,
    and waits for that database where it is away.

    Parameters
    ----------
    services
        The collaborators.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ask = services.jobs.ask

    def submit(
        self, spec: JobSpec, caller: Caller, scope: MutableMapping[str, Any], *, key: str | None
    ) -> Submitted:
        """Make a job, or give the one that this caller made with this key.

        Raises
        ------
        IdempotencyKeyError
            The key came with another job.
        BoardAway
            The database of jobs does not answer.
        """
        kept = None if key is None else _kept_key(caller, "submit", key)
        submitted = self._made(
            lambda board: board.submit(spec, submitted_by=_name(caller), idempotency_key=kept)
        )
        if submitted.created:
            self._record("job.submitted", submitted.job, caller, scope)
        return submitted

    def retry(
        self, job_id: str, caller: Caller, scope: MutableMapping[str, Any], *, key: str | None
    ) -> Submitted:
        """Make a new job that does the same as one that is over.

        Raises
        ------
        UnknownJob, WrongState
            There is no such job; it is not over.
        IdempotencyKeyError, BoardAway
            As for `submit`.
        """
        kept = None if key is None else _kept_key(caller, f"retry {job_id}", key)
        submitted = self._made(
            lambda board: board.retry(job_id, by=_name(caller), idempotency_key=kept)
        )
        if submitted.created:
            self._record("job.submitted", submitted.job, caller, scope, f" again, as {job_id}")
        return submitted

    def change(
        self,
        action: Literal["cancel", "resume"],
        job_id: str,
        caller: Caller,
        scope: MutableMapping[str, Any],
    ) -> Job:
        """Cancel a job, or let it go on.

        Raises
        ------
        UnknownJob, WrongState
            There is no such job; it does not stand where this can be done.
        """
        job: Job = self._ask(lambda board: getattr(board, action)(job_id, by=_name(caller)))
        self._record(f"job.{DONE[action]}", job, caller, scope)
        return job

    def _made(self, make: Callable[[JobBoard], Submitted]) -> Submitted:
        try:
            return self._ask(make)
        except IdempotencyConflict:
            raise IdempotencyKeyError(
                "The Idempotency-Key came with another job before.",
                needed="a key of its own for every job.",
                remedy="make a new key, such as a UUID; send the old one only to try again.",
            ) from None

    def _record(
        self,
        action: str,
        job: Job,
        caller: Caller,
        scope: MutableMapping[str, Any],
        more: str = "",
    ) -> None:
        entry = AuditEntry(
            at=self._services.clock(),
            action=action,
            key_id=caller.key_id,
            caller=caller.name,
            request_id=context_of(scope).request_id,
            detail=f"{job.job_id}: {job.spec.kind} {job.spec.cohort or job.spec.bundle}{more}",
        )
        self._services.access.audit.record(entry)


def _name(caller: Caller) -> str:
    return caller.name[:LONGEST_NAME]


def _kept_key(caller: Caller, what: str, key: str) -> str:
    """Name a caller's key in the board, which callers share: nobody can take another's."""
    parts = "\0".join((caller.limit_key, what, key))
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()
