"""What is sent and how an answer is read: all that the two clients share."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from cupromark.client.errors import ClientSettingError, ServiceError, UnreachableError
from cupromark.client.questions import Filter, Lineage

PREDICTIONS, EXPLANATIONS, VALIDATIONS = (
    "/v1/predictions",
    "/v1/explanations",
    "/v1/validations",
)
JOBS, SCHEDULES = "/v1/jobs", "/v1/schedules"
WORTH_ASKING_AGAIN = frozenset({429, 503})
LONGEST_WAIT_SECONDS = 60.0
PROBLEM = "application/problem+json"
NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as httpx takes it."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    params: dict[str, str | list[str]] = field(default_factory=dict)
    data: dict[str, str] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    idempotency_key: str | None = None

    def options(self, idempotency_key: str | None) -> dict[str, Any]:
        """Give the arguments of `httpx.Client.request`; a file is opened anew for every attempt."""
        options: dict[str, Any] = {"params": self.params}
        if self.body is not None:
            options["json"] = self.body
        if self.files:
            files = {name: (one.name, one.read_bytes()) for name, one in self.files.items()}
            options |= {"data": self.data, "files": files}
        if idempotency_key is not None:
            options["headers"] = {"Idempotency-Key": idempotency_key}
        return options

    @property
    def new_idempotency_key(self) -> str | None:
        """A key for requests that the service answers once however often they are sent."""
        if self.method != "POST":
            return None
        return self.idempotency_key or str(uuid.uuid4())


def ask_for(
    path: str,
    *,
    genes: Sequence[str],
    values: Any,
    ids: Sequence[str] | None = None,
    lineage: Lineage | None = None,
    **further: Any,
) -> Call:
    """Ask about a matrix of profiles; whatever has `tolist`, such as an array, is a matrix too."""
    rows = values.tolist() if hasattr(values, "tolist") else [list(row) for row in values]
    body: dict[str, Any] = {"genes": list(genes), "values": rows}
    if ids is not None:
        body["ids"] = [str(one) for one in ids]
    if lineage is not None:
        body["covariates"] = {"lineage": lineage if isinstance(lineage, str) else dict(lineage)}
    named = {name: value for name, value in further.items() if value is not None}
    return Call("POST", path, body=body | named)


def ask_about_file(
    path: str,
    file: str | Path,
    *,
    platform_map: str | Path | None = None,
    lineage: Lineage | None = None,
    **further: Any,
) -> Call:
    """Send a file; lists become words parted by commas."""
    if isinstance(lineage, Mapping):
        further["covariates"] = json.dumps({"lineage": dict(lineage)})
    else:
        further["lineage"] = lineage
    data = {name: _words(value) for name, value in further.items() if value is not None}
    files = {"file": Path(file)} | ({"platform_map": Path(platform_map)} if platform_map else {})
    return Call("POST", path, data=data, files=files)


def one_of(path: str, name: str) -> Call:
    """Ask for one thing by its name, whatever letters it is made of.

    Raises
    ------
    ValueError
        The name is empty, which would ask for the list.
    """
    return Call("GET", f"{path}/{quoted(name)}")


def quoted(name: str) -> str:
    """Write a name as one part of an address; ValueError where it is empty."""
    if not name:
        raise ValueError("A name is needed, and the one given is empty.")
    return quote(name, safe="")


def submit(idempotency_key: str | None, **fields: Any) -> Call:
    """Ask for a job."""
    return Call("POST", JOBS, body=_job(fields), idempotency_key=idempotency_key)


def change_job(job_id: str, action: str) -> Call:
    """Ask for a job to be cancelled, resumed or made again."""
    return Call("POST", f"{JOBS}/{quoted(job_id)}/{action}")


def schedule(name: str, cron: str, time_zone: str, fields: Mapping[str, Any]) -> Call:
    """Ask for a job to be submitted again and again."""
    times = {"name": name, "cron": cron, "time_zone": time_zone}
    return Call("POST", SCHEDULES, body={**times, "job": _job(fields)})


def change_schedule(name: str, action: str) -> Call:
    """Ask for a schedule to be paused, resumed or run."""
    return Call("POST", f"{SCHEDULES}/{quoted(name)}/{action}")


def remove_schedule(name: str) -> Call:
    """Ask for a schedule to be removed."""
    return Call("DELETE", f"{SCHEDULES}/{quoted(name)}")


def log_after(job_id: str, after: int) -> Call:
    """Ask for lines of a log."""
    return Call("GET", f"{JOBS}/{quoted(job_id)}/log", params={"after": str(after)})


def page_of(path: str, filters: Mapping[str, Filter | None], cursor: str | None) -> Call:
    """Ask for one page of a list."""
    params = {name: _parameter(value) for name, value in filters.items() if value is not None}
    return Call("GET", path, params=params | ({"cursor": cursor} if cursor else {}))


def cursor_after(page: Mapping[str, Any]) -> str | None:
    """Cursor of the page after this one; None on the last.

    The address of the next page is not asked as it is: a proxy may have put the service elsewhere.
    """
    address = page["next"]
    return httpx.URL(address).params["cursor"] if address else None


def read(response: httpx.Response) -> Any:
    """Return the JSON of an answer, None of an empty one.

    Raises
    ------
    ServiceError
        It is a problem, or something else answered than the service.
    """
    if response.status_code == NO_CONTENT:
        return None
    if response.is_success:
        try:
            return response.json()
        except ValueError:
            raise not_the_service(response) from None
    problem = _problem(response)
    if not problem and response.status_code not in WORTH_ASKING_AGAIN:
        raise not_the_service(response)
    raise ServiceError(response.status_code, problem, retry_after_seconds=_retry_after(response))


def not_the_service(response: httpx.Response) -> ServiceError:
    """Make the error of an address at which something else answers."""
    kind = response.headers.get("content-type", "of no type")[:80]
    status = response.status_code
    return ServiceError(
        status,
        {
            "detail": f"{response.request.url} answered, but not as this service does "
            f"(HTTP status {status}, {kind}).",
            "needed": "the address of `cupromark serve`, such as http://127.0.0.1:8000.",
            "remedy": "check the address, and what stands between here and the service.",
        },
    )


def wait_before_asking_again(response: httpx.Response, attempt: int) -> float | None:
    """Seconds to wait, None where asking again is of no use."""
    if response.status_code not in WORTH_ASKING_AGAIN:
        return None
    wait = _retry_after(response)
    return min(2.0**attempt if wait is None else wait, LONGEST_WAIT_SECONDS)


def unreachable(error: httpx.TransportError, base_url: httpx.URL) -> UnreachableError:
    """Make the error of a service that did not answer."""
    return UnreachableError(
        f"{base_url} did not answer ({type(error).__name__}).",
        needed="a running service: `cupromark serve`.",
        remedy="check the address, and that the service is up.",
    )


def address_of(base_url: str) -> httpx.URL:
    """Read the address of a service; ClientSettingError where it is none."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme in ("http", "https") and url.host:
        return url
    raise ClientSettingError(
        f"{base_url[:200]!r} is no address of a service.",
        needed="an address that begins with http:// or https://, such as http://127.0.0.1:8000.",
        remedy="correct the address.",
    )


def headers_of(api_key: str | None) -> dict[str, str]:
    """Headers of every request; ClientSettingError for a key that no header can hold."""
    if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise ClientSettingError(
            "The API key holds a blank, a line break or a letter that no key has.",
            needed="a key as `cupromark keys create` shows it once: letters, digits and _.",
            remedy="copy it again, without what stands before and after it.",
        )
    headers = {"User-Agent": "cupromark-client"}
    return headers | ({"Authorization": f"Bearer {api_key}"} if api_key else {})


def _job(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that were named; a list is whatever is no text."""
    body = {name: value for name, value in fields.items() if value is not None}
    if isinstance(body.get("drugs"), Sequence) and not isinstance(body["drugs"], str):
        body["drugs"] = list(body["drugs"])
    return body


def _problem(response: httpx.Response) -> dict[str, Any]:
    """Read the problem; nothing where something between here and the service answered."""
    if not response.headers.get("content-type", "").startswith(PROBLEM):
        return {}
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _retry_after(response: httpx.Response) -> float | None:
    given = response.headers.get("retry-after", "")
    return float(given) if given.isdigit() else None


def _parameter(value: Filter) -> str | list[str]:
    if isinstance(value, bool):
        return str(value).lower()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _words(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return ",".join(value) if listed else str(value)
