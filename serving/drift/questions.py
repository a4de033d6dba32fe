"""What was counted, put together for whoever asks: of which bundle, which days, which caller."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.drift.reference import DriftReference
from models.drift.report import report_of
from serving.drift.schemas import DriftQuery
from serving.drift.store import list_bundles, read_counts, read_reference
from serving.errors import InvalidField, InvalidRequestError, NotFoundError
from serving.services import Services

MOST_DAYS = 400


def drift_answer(services: Services, query: DriftQuery) -> dict[str, Any]:
    """Answer with the drift of some days.

    Raises
    ------
    InvalidRequestError
        Days out of order, or too many.
    NotFoundError
        Nothing was counted of the bundle that is asked for.
    NotReadyError
        No bundle answers and none was asked for, or the database is away.
    """
    since, until = _days(services, query)
    settings = services.settings
    reference = _reference(services, query.bundle)
    counted = read_counts(
        services.access.database, reference.bundle_sha256, since=since, until=until
    )
    report = report_of(
        reference, counted, caller=query.caller, least_share=settings.drift_least_share
    )
    content = report.to_json()
    names = {record.id: record.name for record in services.access.keys.list()}
    for one in content["callers"]:
        one["name"] = names.get(one["caller"])
    return content | {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "caller": query.caller,
        "least_profiles": settings.drift_least_profiles,
        "least_share": settings.drift_least_share,
    }


def _days(services: Services, query: DriftQuery) -> tuple[date, date]:
    until = query.until or datetime.fromtimestamp(services.clock(), UTC).date()
    since = query.since
    if since is None:  # counted in whole days since year 1: the first days of all have none before
        first = max(1, until.toordinal() - services.settings.drift_days + 1)
        since = date.fromordinal(first)
    if since > until or until - since >= timedelta(days=MOST_DAYS):
        raise InvalidRequestError(
            "The days are out of order, or more than can be looked at together.",
            needed=f"a first day that is not after the last, and at most {MOST_DAYS} days.",
            remedy="choose other days.",
            errors=[InvalidField("?since", f"must be at most {MOST_DAYS} days before ?until")],
        )
    return since, until


def _reference(services: Services, asked: str | None) -> DriftReference:
    """Find what profiles are held against; while no bundle answers, the one counted last."""
    database, served = services.access.database, services.bundles.current()
    if asked is not None:
        return read_reference(database, asked)
    if served is None:
        last = next(iter(list_bundles(database)), None)
        return read_reference(database, last or services.bundles.require().sha256)
    try:
        return read_reference(database, served.sha256)
    except NotFoundError:
        return DriftReference.of(served.bundle.bundle, sha256=served.sha256)
