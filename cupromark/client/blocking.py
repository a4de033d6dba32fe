"""`Client`: calls that wait for their answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack, cast

import httpx

from cupromark.client.answers import ExplanationAnswer, PredictionAnswer, ValidationAnswer
from cupromark.client.calls import (
    EXPLANATIONS,
    JOBS,
    PREDICTIONS,
    SCHEDULES,
    VALIDATIONS,
    Call,
    address_of,
    ask_about_file,
    ask_for,
    change_job,
    change_schedule,
    cursor_after,
    headers_of,
    log_after,
    not_the_service,
    one_of,
    page_of,
    read,
    remove_schedule,
    schedule,
    submit,
    unreachable,
    wait_before_asking_again,
)
from cupromark.client.catalogue_answers import (
    BundleVersion,
    ClaimAnswer,
    Drug,
    DrugDetail,
    GeneSetDetail,
    GeneSetSummary,
    ServiceInfo,
    ServingBundle,
)
from cupromark.client.job_answers import (
    ExecutorList,
    JobAnswer,
    JobDetail,
    JobLogLine,
    ScheduleAnswer,
)
from cupromark.client.job_events import (
    WAIT_SECONDS,
    EventReader,
    JobEvent,
    is_of_events,
    is_worth_waiting,
)
from cupromark.client.questions import (
    AskedJob,
    AskedOfFile,
    AskedOfProfiles,
    ExplainedFile,
    ExplainedProfiles,
    File,
    Filter,
    Profiles,
)


class Client:
    """The service, blocking.

    Parameters
    ----------
    base_url
        Such as http://127.0.0.1:8000.
    api_key
        As `cupromark keys create` shows it once; None for a service in open mode.
    timeout_seconds
        Of one request.
    attempts
        How often a request is sent while the service says that it is busy or not ready.
    transport
        For tests; None for the network.
    sleep
        How to wait between two attempts.

    Raises
    ------
    ClientSettingError
        The address is none, or the key holds what no key has.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 60.0,
        attempts: int = 3,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=address_of(base_url),
            headers=headers_of(api_key),
            timeout=timeout_seconds,
            transport=transport,
        )
        self._attempts = attempts
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def predict(self, **question: Unpack[AskedOfProfiles]) -> PredictionAnswer:
        """Predict how sensitive each sample is to each drug.

        The arguments are those of `cupromark.client.questions.AskedOfProfiles`.

        Raises
        ------
        ServiceError
            The service refused; it says what it found, what it needs and what to do.
        UnreachableError
            The service did not answer.
        """
        return cast(PredictionAnswer, self._ask(ask_for(PREDICTIONS, **question)))

    def predict_file(self, file: str | Path, **question: Unpack[AskedOfFile]) -> PredictionAnswer:
        """Predict for the profiles of a file, in any format that the service reads."""
        return cast(PredictionAnswer, self._ask(ask_about_file(PREDICTIONS, file, **question)))

    def explain(self, **question: Unpack[ExplainedProfiles]) -> ExplanationAnswer:
        """Predict, and say what each answer rests on."""
        return cast(ExplanationAnswer, self._ask(ask_for(EXPLANATIONS, **question)))

    def explain_file(
        self, file: str | Path, **question: Unpack[ExplainedFile]
    ) -> ExplanationAnswer:
        """Explain the answers for the profiles of a file."""
        return cast(ExplanationAnswer, self._ask(ask_about_file(EXPLANATIONS, file, **question)))

    def validate(self, **profiles: Unpack[Profiles]) -> ValidationAnswer:
        """Ask whether profiles would be accepted, and what is in them."""
        return cast(ValidationAnswer, self._ask(ask_for(VALIDATIONS, **profiles)))

    def validate_file(self, file: str | Path, **how: Unpack[File]) -> ValidationAnswer:
        """Ask whether a file would be accepted, and what is in it."""
        return cast(ValidationAnswer, self._ask(ask_about_file(VALIDATIONS, file, **how)))

    def drugs(self, **filters: Filter) -> Iterator[Drug]:
        """List the drugs of the bundle that answers: status, search, drug_class, sort, limit."""
        return cast(Iterator[Drug], self._pages("/v1/drugs", filters))

    def drug(self, name: str) -> DrugDetail:
        """Return the evidence card and the label card of a drug."""
        return cast(DrugDetail, self._ask(one_of("/v1/drugs", name)))

    def gene_sets(self, **filters: Filter) -> Iterator[GeneSetSummary]:
        """List the gene sets of the bundle that answers: gene, group, direction, search, limit."""
        return cast(Iterator[GeneSetSummary], self._pages("/v1/gene-sets", filters))

    def gene_set(self, name: str) -> GeneSetDetail:
        """Return a gene set, gene by gene."""
        return cast(GeneSetDetail, self._ask(one_of("/v1/gene-sets", name)))

    def claims(self, **filters: Filter) -> Iterator[ClaimAnswer]:
        """List claims of the literature: gene, process, drug, drug_class, direction, search."""
        return cast(Iterator[ClaimAnswer], self._pages("/v1/claims", filters))

    def claim(self, claim_id: str) -> ClaimAnswer:
        """Return one claim."""
        return cast(ClaimAnswer, self._ask(one_of("/v1/claims", claim_id)))

    def bundles(self, **filters: Filter) -> Iterator[BundleVersion]:
        """List the registered bundles, newest first: alias, limit."""
        return cast(Iterator[BundleVersion], self._pages("/v1/bundles", filters))

    def serving_bundle(self) -> ServingBundle | None:
        """Return what the bundle that answers is made of; None while there is none."""
        page = self._ask(page_of("/v1/bundles", {"limit": 1}, None))
        return cast(ServingBundle | None, page["serving"])

    def submit_job(
        self, *, idempotency_key: str | None = None, **job: Unpack[AskedJob]
    ) -> JobAnswer:
        """Put a job into the queue; with a key of yours it is made once, however often asked."""
        return cast(JobAnswer, self._ask(submit(idempotency_key, **job)))

    def jobs(self, **filters: Filter) -> Iterator[JobAnswer]:
        """List jobs, newest first: state, kind, limit (of a page)."""
        return cast(Iterator[JobAnswer], self._pages(JOBS, filters))

    def job(self, job_id: str) -> JobDetail:
        """Return a job as it stands, with the end of its log."""
        return cast(JobDetail, self._ask(one_of(JOBS, job_id)))

    def job_log(self, job_id: str, *, after: int = 0) -> Iterator[JobLogLine]:
        """Read a job's log as far as it is written, after the line of a number."""
        while lines := self._ask(log_after(job_id, after))["items"]:
            yield from lines
            after = lines[-1]["number"]

    def watch_job(self, job_id: str, *, after: int = 0) -> Iterator[JobEvent]:
        """Follow a job to its end; a connection that breaks is made anew, and nothing is lost.

        Raises
        ------
        ServiceError
            There is no such job, or the key does not allow it.
        UnreachableError
            The service did not answer, as often as it is asked.
        """
        reader = EventReader(job_id, after)
        while not reader.is_over:
            try:
                with self._http.stream("GET", reader.path, **reader.request()) as response:
                    if not response.is_success:
                        response.read()
                        if not is_worth_waiting(response) or reader.n_failures >= self._attempts:
                            read(response)
                    elif not is_of_events(response):
                        raise not_the_service(response)
                    else:
                        for line in response.iter_lines():
                            if (event := reader.read(line)) is not None:
                                yield event
            except httpx.TransportError as error:
                if reader.n_failures >= self._attempts:
                    raise unreachable(error, self._http.base_url) from error
            if not reader.is_over:
                self._sleep(WAIT_SECONDS)

    def cancel_job(self, job_id: str) -> JobAnswer:
        """End a job; its worker stops within seconds."""
        return cast(JobAnswer, self._ask(change_job(job_id, "cancel")))

    def resume_job(self, job_id: str) -> JobAnswer:
        """Let a job that failed or was cancelled go on from its last checkpoint."""
        return cast(JobAnswer, self._ask(change_job(job_id, "resume")))

    def retry_job(self, job_id: str) -> JobAnswer:
        """Make a new job that does the same as one that is over."""
        return cast(JobAnswer, self._ask(change_job(job_id, "retry")))

    def executors(self) -> ExecutorList:
        """Return the workers, and how many jobs stand where."""
        return cast(ExecutorList, self._ask(Call("GET", "/v1/executors")))

    def schedules(self) -> list[ScheduleAnswer]:
        """Return the schedules, by name."""
        page = self._ask(Call("GET", SCHEDULES))
        return cast(list[ScheduleAnswer], page["items"])

    def add_schedule(
        self, name: str, cron: str, *, time_zone: str = "UTC", **job: Unpack[AskedJob]
    ) -> ScheduleAnswer:
        """Have a job submitted at times of a cron expression, read in a time zone."""
        made = self._ask(schedule(name, cron, time_zone, job))
        return cast(ScheduleAnswer, made)

    def pause_schedule(self, name: str) -> ScheduleAnswer:
        """Submit nothing until it is resumed."""
        return cast(ScheduleAnswer, self._ask(change_schedule(name, "pause")))

    def resume_schedule(self, name: str) -> ScheduleAnswer:
        """Go on with the next time; what passed meanwhile is not made up."""
        return cast(ScheduleAnswer, self._ask(change_schedule(name, "resume")))

    def run_schedule(self, name: str) -> JobAnswer:
        """Submit its job now, besides its times."""
        return cast(JobAnswer, self._ask(change_schedule(name, "run")))

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""
        self._ask(remove_schedule(name))

    def service_info(self) -> ServiceInfo:
        """Return what the service is and who runs it; needs no key."""
        return cast(ServiceInfo, self._ask(Call("GET", "/service-info")))

    def ready(self) -> bool:
        """Whether the service answers predictions; needs no key."""
        return self._send(Call("GET", "/v2/health/ready"), None).is_success

    def _pages(self, path: str, filters: Mapping[str, Filter]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._ask(page_of(path, filters, cursor))
            yield from page["items"]
            cursor = cursor_after(page)
            if cursor is None:
                return

    def _ask(self, call: Call) -> Any:
        key = call.new_idempotency_key
        for attempt in range(1, self._attempts + 1):
            response = self._send(call, key)
            wait = wait_before_asking_again(response, attempt)
            if wait is None or attempt == self._attempts:
                break
            self._sleep(wait)
        return read(response)

    def _send(self, call: Call, idempotency_key: str | None) -> httpx.Response:
        try:
            return self._http.request(call.method, call.path, **call.options(idempotency_key))
        except httpx.TransportError as error:
            raise unreachable(error, self._http.base_url) from error
