"""Server-sent events of a job, read line by line."""

from __future__ import annotations

import json
from typing import Any, Literal, TypedDict

import httpx

from cupromark.client.calls import quoted

EventName = Literal["state", "progress", "log", "away", "end"]
EVENTS = "text/event-stream"
WAIT_SECONDS = 2.0  # before a connection that ended early is made anew


class JobEvent(TypedDict):
    """Something that happened: `state` (the job), `progress`, `log` (a line), `away`, `end`."""

    event: EventName
    data: dict[str, Any]


class EventReader:
    """Makes events of lines, and knows where to go on after a break.

    Parameters
    ----------
    job_id
        The job.
    after
        Number of the last line of the log that is known.

    Attributes
    ----------
    is_over
        The job has ended.
    n_failures
        Connections in a row that gave no event.
    """

    def __init__(self, job_id: str, after: int) -> None:
        self.path = f"/v1/jobs/{quoted(job_id)}/events"
        self.is_over = False
        self.n_failures = 0
        self._after = self._number = after
        self._name = ""
        self._data: list[str] = []

    def request(self) -> dict[str, Any]:
        """Give what httpx takes for the next connection, and count it."""
        self.n_failures += 1
        self._name, self._data, self._number = "", [], self._after
        headers = {"Accept": EVENTS}
        return {"params": {"after": str(self._after)}, "headers": headers}

    def read(self, line: str) -> JobEvent | None:
        """Take a line; gives an event once it is whole."""
        if not line:
            return self._whole()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        elif field == "id" and value.isdigit():
            self._number = int(value)
        return None

    def _whole(self) -> JobEvent | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        if not data:
            return None
        self.n_failures = 0
        self._after = self._number  # not before the event is whole
        self.is_over = name == "end"
        event: JobEvent = {"event": name, "data": json.loads("\n".join(data))}  # type: ignore[typeddict-item]
        return event


def is_worth_waiting(response: httpx.Response) -> bool:
    """Whether the service may tell of the job later."""
    return response.status_code in (429, 503)


def is_of_events(response: httpx.Response) -> bool:
    """Whether it is a stream of events, as far as it says what it is."""
    kind: str = response.headers.get("content-type", EVENTS)
    return kind.startswith(EVENTS)
