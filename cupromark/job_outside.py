"""What jobs need from the service: review desk, live shadow and audit trail, in its database."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cupromark.approval_tags import read_approval_tags
from cupromark.databases import opened_database
from cupromark.promotion import counted_in_shadow, has_database
from cupromark.promotion_trail import TrailLine, decision_line, promotion_line
from training.jobs.child_process import ChildProcess
from training.jobs.errors import AwayError
from training.jobs.outside import Registered

if TYPE_CHECKING:
    from serving.database.engine import Database
    from training.promotion.shadow_checks import ShadowFigures

LONGEST_DETAIL = 400
LONGEST_SECONDS = 1800.0
TICK_SECONDS = 0.5
# -P: a folder that the worker happens to be started in holds none of our modules.
DESK_CHILD = (sys.executable, "-P", "-m", "cupromark.desk_child")
ANSWERS = ("done", "away", "failed", "ended")


class ServiceOutside:
    """The service's database, seen from a worker; without one nothing is asked or written.

    Parameters
    ----------
    store
        Of bundles, as commands name it.
    address, state
        Of the service's database, as for `cupromark.databases.opened_database`.
    longest_seconds, memory_bytes
        What preparing the review desk may take; no limit of memory by default.
    """

    def __init__(
        self,
        store: str,
        *,
        address: str | None,
        state: Path,
        longest_seconds: float = LONGEST_SECONDS,
        memory_bytes: int | None = None,
    ) -> None:
        self._store = store
        self._address = address
        self._state = state
        self._longest_seconds = longest_seconds
        self._memory_bytes = memory_bytes

    def registered(self, version: Registered, *, check: Callable[[], None]) -> str | None:
        """Look for findings and put them at the review desk, in a process of its own.

        It ends with the worker, when `check` raises, and after `longest_seconds`.
        """
        if not has_database(self._address, self._state):
            return "no review desk: the service has no database yet"
        with self._database():
            pass  # away? Then the job waits here, rather than the desk staying empty
        child = ChildProcess(command=DESK_CHILD)
        try:
            child.send(
                {
                    "store": self._store,
                    "version": version.version,
                    "address": self._address,
                    "state": str(self._state),
                }
            )
            kind, said = self._said_by(child, check)
        finally:
            child.kill()
        if kind == "done":
            return said
        if kind == "away":
            raise AwayError(said)
        with self._database():
            pass  # away by now? Then it may have failed for that
        return f"the review desk was not prepared: {' '.join(said.split())[-LONGEST_DETAIL:]}"

    def missing_sign_offs(
        self, version: Registered, asked: Mapping[str, Any]
    ) -> Sequence[str] | None:
        """Ask the review desk what it lacks."""
        not_there = ["the findings of this version are not at the review desk"]
        if not has_database(self._address, self._state):
            return not_there
        from serving.errors import NotFoundError
        from serving.reviews.policy import SignOffPolicy, missing_sign_offs

        policy = SignOffPolicy(
            tuple(asked["statuses"]), int(asked["people"]), tuple(asked["judged_kinds"])
        )
        with self._database() as database:
            try:
                return missing_sign_offs(database, version.bundle_sha256, policy)
            except NotFoundError:
                return not_there

    def answers_in_shadow(self, version: Registered, champion_sha256: str) -> ShadowFigures | None:
        """Ask what the service counted of the version in the shadow of a champion."""
        if not has_database(self._address, self._state):
            return None
        with self._database() as database:
            return counted_in_shadow(database, version.bundle_sha256, champion_sha256)

    def approvals(self, version: Registered, people: int) -> Mapping[str, str]:
        """Read what people have decided, as tags."""
        if not has_database(self._address, self._state):
            return {}
        with self._database() as database:
            return read_approval_tags(database, version.bundle_sha256, n_people=people)

    def decided(self, version: Registered, decision: Mapping[str, Any]) -> None:
        """Write the gate's decision into the audit trail."""
        self._write(version, decision_line(decision))

    def promoted(self, version: Registered, before: str | None) -> None:
        """Write a promotion into the audit trail."""
        self._write(version, promotion_line(before))

    def _said_by(self, child: ChildProcess, check: Callable[[], None]) -> tuple[str, str]:
        """Wait for the answer of a process: its kind, and a sentence."""
        end = time.monotonic() + self._longest_seconds
        while time.monotonic() < end:
            message = child.next_message(TICK_SECONDS)
            check()
            for kind in ANSWERS:
                if message is not None and kind in message:
                    return kind, str(message[kind])
            held = child.memory_bytes()
            if self._memory_bytes is not None and held > self._memory_bytes:
                return "failed", f"it held {held:,} bytes of the {self._memory_bytes:,} that it may"
        return "failed", f"it took longer than {self._longest_seconds:g} s"

    def _write(self, version: Registered, line: TrailLine) -> None:
        if not has_database(self._address, self._state):
            return
        from serving.access.audit_entries import AuditEntry, insert_entries

        action, detail = line.of_job(version.job_id)
        entry = AuditEntry(
            at=time.time(),
            action=action,
            caller=version.submitted_by,
            bundle_sha256=version.bundle_sha256,
            bundle_version=version.version,
            detail=detail,
        )
        with self._database() as database, database.writing() as connection:
            insert_entries(connection, [entry])

    @contextmanager
    def _database(self) -> Iterator[Database]:
        from serving.database.errors import DatabaseAwayError

        try:
            with opened_database(self._address, self._state) as database:
                yield database
        except DatabaseAwayError as error:
            raise AwayError(error.found) from error
