"""What jobs need from the service: review desk, live shadow and audit trail, in its database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cupromark.databases import opened_database
from cupromark.promotion import counted_in_shadow, has_database
from training.jobs.errors import AwayError
from training.jobs.outside import Registered

if TYPE_CHECKING:
    from serving.database.engine import Database
    from training.promotion.shadow_checks import ShadowFigures

LONGEST_DETAIL = 400


class ServiceOutside:
    """The service's database, seen from a worker; without one nothing is asked or written.

    Parameters
    ----------
    store
        Of bundles, as commands name it.
    address, state
        Of the service's database, as for `cupromark.databases.opened_database`.
    """

    def __init__(self, store: str, *, address: str | None, state: Path) -> None:
        self._store = store
        self._address = address
        self._state = state

    def registered(self, version: Registered) -> str | None:
        """Look for findings and put them at the review desk, in a process of its own."""
        if not has_database(self._address, self._state):
            return "no review desk: the service has no database yet"
        with self._database():
            pass  # away? Then the job waits here, rather than the desk staying empty
        command = ["reviews", "prepare", "--bundle", version.version, "--store", self._store]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        if self._address is not None:
            environment["CUPROMARK_SERVE_DATABASE_URL"] = self._address
        done = subprocess.run(  # noqa: S603 - our own command, in this interpreter
            [sys.executable, "-m", "cupromark", *command, "--state", str(self._state)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            words = " ".join(done.stderr.split())[-LONGEST_DETAIL:]
            return f"the review desk was not prepared: {words}"
        return " ".join(done.stdout.split())

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

    def decided(self, version: Registered, decision: Mapping[str, Any]) -> None:
        """Write the gate's decision into the audit trail."""
        accepted, reasons = bool(decision["accepted"]), "; ".join(decision["reasons"])
        detail = f"policy {decision['policy_version']}; {reasons}".strip("; ")
        self._write(version, "bundle.accepted" if accepted else "bundle.refused", detail)

    def promoted(self, version: Registered, before: str | None) -> None:
        """Write a promotion into the audit trail."""
        detail = "first champion" if before is None else f"champion until then: version {before}"
        self._write(version, "bundle.promoted", detail)

    def _write(self, version: Registered, action: str, detail: str) -> None:
        if not has_database(self._address, self._state):
            return
        from serving.access.audit_entries import AuditEntry, insert_entries

        entry = AuditEntry(
            at=time.time(),
            action=action,
            caller=version.submitted_by,
            bundle_sha256=version.bundle_sha256,
            bundle_version=version.version,
            detail=f"job {version.job_id}; {detail}",
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
