"""The service's audit trail, as commands write to it that change jobs and schedules."""

from __future__ import annotations

import os
import time
from pathlib import Path

import typer

from cupromark.databases import opened_database, who_runs_this
from cupromark.promotion import has_database
from cupromark.review_desk import state_beside
from features.errors import CupromarkError


class CommandTrail:
    """Writes who changed what at the command line, as the service does for what it is asked.

    As there the change comes first and does not wait for the trail: a job must be stopped while the
    database of the service is away. A command cannot wait for that database as the service does, so
    it says that the trail lacks the line.

    Parameters
    ----------
    address, state
        Of the service's database, as `cupromark.databases` takes them. Where there is none yet
        nothing is written, and none is made.
    """

    def __init__(self, address: str | None, state: Path) -> None:
        self._address = address
        self._state = state

    @classmethod
    def beside(cls, store: str) -> CommandTrail:
        """Find the database as commands do that train: named in the environment, or by the store.

        Parameters
        ----------
        store
            Of bundles, as commands name it.
        """
        return cls(os.environ.get("CUPROMARK_SERVE_DATABASE_URL"), state_beside(store))

    def write(self, action: str, detail: str) -> None:
        """Write a line about what was done; says so on standard error where that cannot be."""
        try:
            if has_database(self._address, self._state):
                self._write(action, detail)
        except CupromarkError as error:
            typer.echo(f"Done, but not in the audit trail: {error.found}", err=True)

    def _write(self, action: str, detail: str) -> None:
        from serving.access.audit_entries import AuditEntry, insert_entries

        entry = AuditEntry(at=time.time(), action=action, caller=who_runs_this(), detail=detail)
        with (
            opened_database(self._address, self._state) as database,
            database.writing() as connection,
        ):
            insert_entries(connection, [entry])
