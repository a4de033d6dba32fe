"""Routes for whoever looks after the service: /metrics, and /service-info as GA4GH has it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from serving.access.requirement import public, requires
from serving.services import Services

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DESCRIPTION = (
    "Calibrated predictions of cancer drug response from cuproptosis and mitochondrial-dynamics "
    "gene sets. Research use only."
)


class ServiceType(BaseModel):
    """What kind of service it is."""

    group: str = "org.cupromark"
    artifact: str = "drug-response"
    version: str = "1.0.0"


class Organization(BaseModel):
    """Who runs it."""

    name: str
    url: str


class ServiceInfo(BaseModel):
    """GA4GH service-info 1.0."""

    id: str = "org.cupromark"
    name: str = "cupromark"
    type: ServiceType = Field(default_factory=ServiceType)
    description: str = DESCRIPTION
    organization: Organization
    contactUrl: str | None = None  # noqa: N815 - GA4GH spells its fields like this
    documentationUrl: str  # noqa: N815
    createdAt: str  # noqa: N815
    environment: str | None = None
    version: str


def operation_router(services: Services) -> APIRouter:
    """Routes for whoever looks after the service."""
    router = APIRouter(tags=["Operation"])
    started_at = datetime.fromtimestamp(services.clock(), UTC)

    @router.get(
        "/metrics",
        summary="Counters and histograms for Prometheus",
        dependencies=[Depends(requires(services.access, "operate"))],
        response_class=Response,
        responses={200: {"content": {METRICS_TYPE: {"schema": {"type": "string"}}}}},
    )
    def metrics() -> Response:
        return Response(services.metrics.render(), headers={"content-type": METRICS_TYPE})

    @router.get(
        "/service-info",
        summary="What this service is, as GA4GH service-info has it",
        dependencies=[Depends(public(services.access))],
        response_model_exclude_none=True,
    )
    async def service_info(request: Request) -> ServiceInfo:
        return _service_info(services, str(request.base_url), started_at)

    return router


def _service_info(services: Services, base_url: str, started_at: datetime) -> ServiceInfo:
    settings = services.settings
    organization = Organization(
        name=settings.organization, url=settings.organization_url or base_url
    )
    return ServiceInfo(
        organization=organization,
        contactUrl=settings.contact_url,
        documentationUrl=f"{base_url}docs",
        createdAt=started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        environment=settings.environment,
        version=version("cupromark"),
    )
