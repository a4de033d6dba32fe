"""One page of a list as an answer: JSON or CSV, with the link to the next page and an ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from serving.catalogue.paging import Page, page_of
from serving.catalogue.queries import PageQuery
from serving.errors import InvalidField, InvalidRequestError
from serving.negotiation import choose_media_type
from serving.predictions.answer_csv import MEDIA_TYPE as CSV_TYPE
from serving.predictions.answer_csv import csv_bytes

JSON, CSV = "application/json", "text/csv"
Record = Mapping[str, Any]
Rows = Callable[[Record], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list, filtered and in order.

    Attributes
    ----------
    records
        All of it.
    version
        Changes whenever the records may have.
    columns
        Of the CSV.
    rows
        Rows of a record in the CSV; one row of the fields that the columns name by default.
    about
        What stands beside the records in the JSON.
    """

    records: Sequence[Record]
    version: str
    columns: tuple[str, ...]
    rows: Rows | None = None
    about: Record = field(default_factory=dict)


def answer_listing(request: Request, listing: Listing, query: PageQuery) -> Response:
    """Answer with the page that is asked for, or with 304 where the caller has it.

    Raises
    ------
    InvalidRequestError
        A parameter came twice, or the cursor is not one of this list.
    NotAcceptableError
        Neither JSON nor CSV is accepted.
    """
    refuse_repeated(request, query)
    form = choose_media_type(request.headers.get("accept"), (JSON, CSV))
    asked = query.model_dump_json(exclude={"limit", "cursor"})
    fingerprint = "\n".join((request.url.path, listing.version, asked))
    page = page_of(
        len(listing.records), limit=query.limit, cursor=query.cursor, fingerprint=fingerprint
    )
    next_page = _next_page(request, page)
    headers = caching_headers(fingerprint, form, str(page))
    if next_page is not None:
        headers["Link"] = f'<{next_page}>; rel="next"'
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if form == CSV:
        return Response(_as_csv(listing, page), headers=headers, media_type=CSV_TYPE)
    content = {
        **listing.about,
        "items": listing.records[page.start : page.stop],
        "total": len(listing.records),
        "next": next_page,
    }
    return Response(orjson.dumps(content), headers=headers, media_type=JSON)


def answer_one(request: Request, content: Record, version: str) -> Response:
    """Answer with one object as JSON, or with 304 where the caller has it."""
    form = choose_media_type(request.headers.get("accept"), (JSON,))
    headers = caching_headers(request.url.path, version, form)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(content), headers=headers, media_type=JSON)


def refuse_parameters(request: Request) -> None:
    """Refuse every query parameter, for routes that take none."""
    if request.query_params:
        raise InvalidRequestError(
            "The route takes no query parameters.",
            needed="the address alone.",
            remedy="leave the query out.",
            errors=[InvalidField(f"?{name}", "is unknown") for name in request.query_params],
        )


def caching_headers(*parts: str) -> dict[str, str]:
    """Headers by which a caller can ask again for nothing but a change."""
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
    # Weak: the same page may come compressed or not.
    return {"ETag": f'W/"{digest}"', "Cache-Control": "private, no-cache", "Vary": "Accept"}


def is_known(request: Request, entity_tag: str) -> bool:
    """Whether If-None-Match names the entity tag (RFC 9110, section 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or entity_tag.removeprefix("W/") in tags


def refuse_repeated(request: Request, query: BaseModel) -> None:
    """Refuse a query parameter that came twice, apart from those that are lists."""
    parameters = request.query_params
    repeated = [
        InvalidField(f"?{name}", "may be given once")
        for name in parameters
        if len(parameters.getlist(name)) > 1 and not isinstance(getattr(query, name), list)
    ]
    if repeated:
        raise InvalidRequestError(
            "A query parameter came more than once.",
            needed="each parameter once, apart from those that are lists.",
            remedy="remove the repeats.",
            errors=repeated,
        )


def _next_page(request: Request, page: Page) -> str | None:
    if page.next_cursor is None:
        return None
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', page.next_cursor)])}"


def _as_csv(listing: Listing, page: Page) -> bytes:
    def one_row(record: Record) -> Iterable[Sequence[Any]]:
        yield [_cell(record[column]) for column in listing.columns]

    rows = listing.rows or one_row
    records = listing.records[page.start : page.stop]
    return csv_bytes(listing.columns, (row for record in records for row in rows(record)))


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
