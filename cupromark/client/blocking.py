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
    PREDICTIONS,
    VALIDATIONS,
    Call,
    ask_about_file,
    ask_for,
    cursor_after,
    headers_of,
    one_of,
    page_of,
    read,
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
from cupromark.client.questions import (
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
            base_url=base_url,
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
