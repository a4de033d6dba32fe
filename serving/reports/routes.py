"""/v1/reports/{drug}, its printable forms, and the page with plots."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from models.reports.report_files import file_names
from serving.access.requirement import public, requires
from serving.bundles.served import ServedBundle
from serving.catalogue.drugs import find_name
from serving.catalogue.listing import caching_headers, is_known, refuse_repeated
from serving.negotiation import choose_media_type
from serving.pages.evidence_strip import known_drug
from serving.pages.site import Site
from serving.private import PRIVATE
from serving.reports.choice import CHAMPION, PATTERN, choose_bundle
from serving.reports.compare_routes import add_comparisons
from serving.reports.desk import ReportDesk
from serving.reports.orders import HTML, PDF, RECORD, SECTIONS
from serving.reports.report_page import report_page
from serving.reports.schemas import ReportAnswer
from serving.reviews.reviewers import READ
from serving.services import Services

Form = Literal["json", "html", "pdf"]
MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
FILES: dict[Form, str] = {"json": RECORD, "html": HTML, "pdf": PDF}
FORM_OF_ENDING: dict[str, Form] = {"html": "html", "pdf": "pdf"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report as data; with .html or .pdf after the name, as a file.",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    304: {"description": "The report that If-None-Match names is still right."},
}


class ReportQuery(BaseModel):
    """Of which bundle."""

    model_config = ConfigDict(extra="forbid")

    bundle: str = Field(
        CHAMPION,
        pattern=PATTERN,
        description="`champion`, the number of a version, or the sha256 of a bundle (its first 8 "
        "digits or more).",
    )


def reports_router(services: Services) -> APIRouter:
    """Routes of reports, for programs and for people."""
    router = APIRouter(tags=["Reports"])
    desk = ReportDesk(services.settings, references=services.references)
    _add_report(router, services, desk)
    _add_page(router, services, desk)
    add_comparisons(router, services, desk)
    return router


def _add_report(router: APIRouter, services: Services, desk: ReportDesk) -> None:
    # A path: names of drugs may hold slashes.
    @router.get(
        "/v1/reports/{drug:path}",
        summary="The report of a drug: everything that the printed one says, as data",
        response_model=ReportAnswer,
        responses=ANSWERS,
        dependencies=[Depends(requires(services.access, *READ))],
    )
    def report(request: Request, drug: str, query: Annotated[ReportQuery, Query()]) -> Response:
        """`/v1/reports/Cisplatin.html` and `/v1/reports/Cisplatin.pdf` give the printable report.

        Without such an ending the header Accept chooses between data, HTML and PDF.

        The first report of a drug is made when it is asked for, in a second or two (PDF: some
        seconds), and kept.
        """
        refuse_repeated(request, query)
        served = choose_bundle(services.bundles, query.bundle)
        name, form = _drug_and_form(served, drug)
        form = _accepted(request.headers.get("accept"), form)
        media_type = MEDIA_TYPES[form]
        headers = caching_headers(desk.tag(served, name), form) | {"Vary": "Accept"}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        content = desk.file(served, name, FILES[form])
        if form != "json":
            # A file to keep: it brings its own styles, which no page of ours may.
            (stem,) = file_names([name]).values()
            headers["Content-Disposition"] = f'attachment; filename="cupromark-{stem}.{form}"'
        return Response(content, headers=headers, media_type=media_type)


def _add_page(router: APIRouter, services: Services, desk: ReportDesk) -> None:
    site = Site(services)

    @router.get(
        "/reports/{drug:path}",
        include_in_schema=False,
        dependencies=[Depends(public(services.access))],
    )
    async def report_of_drug(
        request: Request, drug: str, query: Annotated[ReportQuery, Query()]
    ) -> Response:
        asked = query.bundle
        return await site.show(
            request,
            "report.html",
            lambda: report_page(choose_bundle(services.bundles, asked), drug, asked),
            scopes=READ,
            page="drugs",
        )

    @router.get(
        "/report-pieces/{drug:path}",
        include_in_schema=False,
        dependencies=[Depends(requires(services.access, *READ))],
    )
    def report_pieces(drug: str, query: Annotated[ReportQuery, Query()]) -> Response:
        served = choose_bundle(services.bundles, query.bundle)
        content = desk.file(served, known_drug(served, drug), SECTIONS)
        return Response(content, media_type=MEDIA_TYPES["html"], headers=PRIVATE)


def _accepted(accept: str | None, form: Form | None) -> Form:
    """Choose a form: the one of the name's ending, or else what the caller accepts most."""
    types = {MEDIA_TYPES[each].partition(";")[0]: each for each in FILES}
    offered = [name for name, each in types.items() if form in (None, each)]
    return types[choose_media_type(accept, offered)]


def _drug_and_form(served: ServedBundle, drug: str) -> tuple[str, Form | None]:
    """Read `Cisplatin.pdf` as a drug and a form, unless a drug is called that."""
    if find_name(drug, served.bundle.drugs) is None:
        stem, _, ending = drug.rpartition(".")
        form = FORM_OF_ENDING.get(ending)
        if form is not None:
            return known_drug(served, stem), form
    return known_drug(served, drug), None
