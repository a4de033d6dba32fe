"""`AsyncClient`: the same calls for asynchronous programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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


class AsyncClient:
    """The service, asynchronous: the calls of `Client`, to be awaited.

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
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=address_of(base_url),
            headers=headers_of(api_key),
            timeout=timeout_seconds,
            transport=transport,
        )
        self._attempts = attempts
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def predict(self, **question: Unpack[AskedOfProfiles]) -> PredictionAnswer:
        """Predict how sensitive each sample is to each drug."""
        return cast(PredictionAnswer, await self._ask(ask_for(PREDICTIONS, **question)))

    async def predict_file(
        self, file: str | Path, **question: Unpack[AskedOfFile]
    ) -> PredictionAnswer:
        """Predict for the profiles of a file, in any format that the service reads."""
        return cast(
            PredictionAnswer, await self._ask(ask_about_file(PREDICTIONS, file, **question))
        )

    async def explain(self, **question: Unpack[ExplainedProfiles]) -> ExplanationAnswer:
        """Predict, and say what each answer rests on."""
        return cast(ExplanationAnswer, await self._ask(ask_for(EXPLANATIONS, **question)))

    async def explain_file(
        self, file: str | Path, **question: Unpack[ExplainedFile]
    ) -> ExplanationAnswer:
        """Explain the answers for the profiles of a file."""
        return cast(
            ExplanationAnswer, await self._ask(ask_about_file(EXPLANATIONS, file, **question))
        )

    async def validate(self, **profiles: Unpack[Profiles]) -> ValidationAnswer:
        """Ask whether profiles would be accepted, and what is in them."""
        return cast(ValidationAnswer, await self._ask(ask_for(VALIDATIONS, **profiles)))

    async def validate_file(self, file: str | Path, **how: Unpack[File]) -> ValidationAnswer:
        """Ask whether a file would be accepted, and what is in it."""
        return cast(ValidationAnswer, await self._ask(ask_about_file(VALIDATIONS, file, **how)))

    def drugs(self, **filters: Filter) -> AsyncIterator[Drug]:
        """List the drugs of the bundle that answers: status, search, drug_class, sort, limit."""
        return cast(AsyncIterator[Drug], self._pages("/v1/drugs", filters))

    async def drug(self, name: str) -> DrugDetail:
        """Return the evidence card and the label card of a drug."""
        return cast(DrugDetail, await self._ask(one_of("/v1/drugs", name)))

    def gene_sets(self, **filters: Filter) -> AsyncIterator[GeneSetSummary]:
        """List the gene sets of the bundle that answers: gene, group, direction, search, limit."""
        return cast(AsyncIterator[GeneSetSummary], self._pages("/v1/gene-sets", filters))

    async def gene_set(self, name: str) -> GeneSetDetail:
        """Return a gene set, gene by gene."""
        return cast(GeneSetDetail, await self._ask(one_of("/v1/gene-sets", name)))

    def claims(self, **filters: Filter) -> AsyncIterator[ClaimAnswer]:
        """List claims of the literature: gene, process, drug, drug_class, direction, search."""
        return cast(AsyncIterator[ClaimAnswer], self._pages("/v1/claims", filters))

    async def claim(self, claim_id: str) -> ClaimAnswer:
        """Return one claim."""
        return cast(ClaimAnswer, await self._ask(one_of("/v1/claims", claim_id)))

    def bundles(self, **filters: Filter) -> AsyncIterator[BundleVersion]:
        """List the registered bundles, newest first: alias, limit."""
        return cast(AsyncIterator[BundleVersion], self._pages("/v1/bundles", filters))

    async def serving_bundle(self) -> ServingBundle | None:
        """Return what the bundle that answers is made of; None while there is none."""
        page = await self._ask(page_of("/v1/bundles", {"limit": 1}, None))
        return cast(ServingBundle | None, page["serving"])

    async def submit_job(
        self, *, idempotency_key: str | None = None, **job: Unpack[AskedJob]
    ) -> JobAnswer:
        """Put a job into the queue; with a key of yours it is made once, however often asked."""
        return cast(JobAnswer, await self._ask(submit(idempotency_key, **job)))

    def jobs(self, **filters: Filter) -> AsyncIterator[JobAnswer]:
        """List jobs, newest first: state, kind, limit (of a page)."""
        return cast(AsyncIterator[JobAnswer], self._pages(JOBS, filters))

    async def job(self, job_id: str) -> JobDetail:
        """Return a job as it stands, with the end of its log."""
        return cast(JobDetail, await self._ask(one_of(JOBS, job_id)))

    async def job_log(self, job_id: str, *, after: int = 0) -> AsyncIterator[JobLogLine]:
        """Read a job's log as far as it is written, after the line of a number."""
        while lines := (await self._ask(log_after(job_id, after)))["items"]:
            for line in lines:
                yield line
            after = lines[-1]["number"]

    async def watch_job(self, job_id: str, *, after: int = 0) -> AsyncIterator[JobEvent]:
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
                async with self._http.stream("GET", reader.path, **reader.request()) as response:
                    if not response.is_success:
                        await response.aread()
                        if not is_worth_waiting(response) or reader.n_failures >= self._attempts:
                            read(response)
                    elif not is_of_events(response):
                        raise not_the_service(response)
                    else:
                        async for line in response.aiter_lines():
                            if (event := reader.read(line)) is not None:
                                yield event
            except httpx.TransportError as error:
                if reader.n_failures >= self._attempts:
                    raise unreachable(error, self._http.base_url) from error
            if not reader.is_over:
                await self._sleep(WAIT_SECONDS)

    async def cancel_job(self, job_id: str) -> JobAnswer:
        """End a job; its worker stops within seconds."""
        return cast(JobAnswer, await self._ask(change_job(job_id, "cancel")))

    async def resume_job(self, job_id: str) -> JobAnswer:
        """Let a job that failed or was cancelled go on from its last checkpoint."""
        return cast(JobAnswer, await self._ask(change_job(job_id, "resume")))

    async def retry_job(self, job_id: str) -> JobAnswer:
        """Make a new job that does the same as one that is over."""
        return cast(JobAnswer, await self._ask(change_job(job_id, "retry")))

    async def executors(self) -> ExecutorList:
        """Return the workers, and how many jobs stand where."""
        return cast(ExecutorList, await self._ask(Call("GET", "/v1/executors")))

    async def schedules(self) -> list[ScheduleAnswer]:
        """Return the schedules, by name."""
        page = await self._ask(Call("GET", SCHEDULES))
        return cast(list[ScheduleAnswer], page["items"])

    async def add_schedule(
        self, name: str, cron: str, *, time_zone: str = "UTC", **job: Unpack[AskedJob]
    ) -> ScheduleAnswer:
        """Have a job submitted at times of a cron expression, read in a time zone."""
        made = await self._ask(schedule(name, cron, time_zone, job))
        return cast(ScheduleAnswer, made)

    async def pause_schedule(self, name: str) -> ScheduleAnswer:
        """Submit nothing until it is resumed."""
        return cast(ScheduleAnswer, await self._ask(change_schedule(name, "pause")))

    async def resume_schedule(self, name: str) -> ScheduleAnswer:
        """Go on with the next time; what passed meanwhile is not made up."""
        return cast(ScheduleAnswer, await self._ask(change_schedule(name, "resume")))

    async def run_schedule(self, name: str) -> JobAnswer:
        """Submit its job now, besides its times."""
        return cast(JobAnswer, await self._ask(change_schedule(name, "run")))

    async def remove_schedule(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""
        await self._ask(remove_schedule(name))

    async def service_info(self) -> ServiceInfo:
        """Return what the service is and who runs it; needs no key."""
        return cast(ServiceInfo, await self._ask(Call("GET", "/service-info")))

    async def ready(self) -> bool:
        """Whether the service answers predictions; needs no key."""
        return (await self._send(Call("GET", "/v2/health/ready"), None)).is_success

    async def _pages(self, path: str, filters: Mapping[str, Filter]) -> AsyncIterator[Any]:
        cursor: str | None = None
        while True:
            page = await self._ask(page_of(path, filters, cursor))
            for item in page["items"]:
                yield item
            cursor = cursor_after(page)
            if cursor is None:
                return

    async def _ask(self, call: Call) -> Any:
        key = call.new_idempotency_key
        for attempt in range(1, self._attempts + 1):
            response = await self._send(call, key)
            wait = wait_before_asking_again(response, attempt)
            if wait is None or attempt == self._attempts:
                break
            await self._sleep(wait)
        return read(response)

    async def _send(self, call: Call, idempotency_key: str | None) -> httpx.Response:
        try:
            return await self._http.request(call.method, call.path, **call.options(idempotency_key))
        except httpx.TransportError as error:
            raise unreachable(error, self._http.base_url) from error
