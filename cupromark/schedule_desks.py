"""Two ways to the schedules for commands: the database of the jobs, or a running service."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from cupromark.command_trail import CommandTrail
from cupromark.databases import who_runs_this
from cupromark.job_desks import Answer
from cupromark.job_places import opened_board, opened_service

if TYPE_CHECKING:
    from cupromark.client import Client
    from models.jobs.schedules import ScheduleBook

Pausing = Literal["pause", "resume"]
AUDITED = {"pause": "schedule.paused", "resume": "schedule.resumed"}


class ScheduleDesk(Protocol):
    """What commands do with schedules; answers are the JSON of the HTTP interface."""

    def add(self, name: str, cron: str, job: Mapping[str, Any], *, time_zone: str) -> Answer:
        """Add a schedule."""

    def list(self) -> builtins.list[Answer]:
        """List every schedule, by name."""

    def change(self, action: Pausing, name: str) -> Answer:
        """Submit nothing for now, or go on."""

    def run(self, name: str) -> Answer:
        """Submit its job now, and give that."""

    def remove(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""


class BookDesk:
    """Schedules in the database of the jobs; changes stand in the service's audit trail too.

    Parameters
    ----------
    book
        Of the database.
    trail
        The audit trail.
    """

    def __init__(self, book: ScheduleBook, trail: CommandTrail) -> None:
        self._book = book
        self._trail = trail

    def add(self, name: str, cron: str, job: Mapping[str, Any], *, time_zone: str) -> Answer:
        """Add a schedule."""
        from models.jobs.spec import JobSpec
        from serving.schedules.answers import schedule_json

        spec = JobSpec.from_json(job)
        added = self._book.add(name, cron, spec, by=who_runs_this(), time_zone=time_zone)
        self._trail.write("schedule.added", name)
        return schedule_json(added)

    def list(self) -> builtins.list[Answer]:
        """List every schedule, by name."""
        from serving.schedules.answers import schedule_json

        return [schedule_json(each) for each in self._book.list()]

    def change(self, action: Pausing, name: str) -> Answer:
        """Submit nothing for now, or go on."""
        from serving.schedules.answers import schedule_json

        changed = self._book.pause(name) if action == "pause" else self._book.resume(name)
        self._trail.write(AUDITED[action], name)
        return schedule_json(changed)

    def run(self, name: str) -> Answer:
        """Submit its job now, and give that."""
        from serving.jobs.answers import job_json

        submitted = self._book.run(name, by=who_runs_this())
        self._trail.write("schedule.run", name)
        return job_json(submitted.job)

    def remove(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""
        self._book.remove(name)
        self._trail.write("schedule.removed", name)


class ServiceScheduleDesk:
    """Schedules of a running service.

    Parameters
    ----------
    client
        Of that service.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(self, name: str, cron: str, job: Mapping[str, Any], *, time_zone: str) -> Answer:
        """Add a schedule."""
        fields: dict[str, Any] = dict(job)
        return dict(self._client.add_schedule(name, cron, time_zone=time_zone, **fields))

    def list(self) -> builtins.list[Answer]:
        """List every schedule, by name."""
        return [dict(each) for each in self._client.schedules()]

    def change(self, action: Pausing, name: str) -> Answer:
        """Submit nothing for now, or go on."""
        pause = action == "pause"
        changed = self._client.pause_schedule if pause else self._client.resume_schedule
        return dict(changed(name))

    def run(self, name: str) -> Answer:
        """Submit its job now, and give that."""
        return dict(self._client.run_schedule(name))

    def remove(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""
        self._client.remove_schedule(name)


@contextmanager
def opened_schedules(
    database: str | None, store: str, url: str | None, key: str | None, *, may_be_new: bool = False
) -> Iterator[ScheduleDesk]:
    """Open the way to the schedules that the options name, as `opened_desk` does to the jobs."""
    if url is not None:
        with opened_service(url, key) as client:
            yield ServiceScheduleDesk(client)
        return
    from models.jobs.schedules import ScheduleBook

    with opened_board(database, store, may_be_new=may_be_new) as board:
        yield BookDesk(ScheduleBook(board), CommandTrail.beside(store))
