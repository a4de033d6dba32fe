"""Points in time as people write them: 90d, 12h, 2w, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from serving.errors import RequestError

UNITS = {"h": "hours", "d": "days", "w": "weeks"}
SPAN = re.compile(r"([1-9][0-9]{0,5})([hdw])")


class MomentError(RequestError):
    """A text that names no point in time."""


def moment_ahead(text: str, now: datetime) -> datetime | None:
    """Read when something ends: 90d from now, a date, or `never` (None).

    Raises
    ------
    MomentError
        If it is none of these.
    """
    return None if text == "never" else _moment(text, now, sign=1, also=", or never")


def moment_ago(text: str, now: datetime) -> datetime:
    """Read since when: 7d ago, or a date.

    Raises
    ------
    MomentError
        If it is neither.
    """
    return _moment(text, now, sign=-1, also="")


def _moment(text: str, now: datetime, *, sign: int, also: str) -> datetime:
    span = SPAN.fullmatch(text)
    try:
        if span is not None:
            return now + sign * timedelta(**{UNITS[span[2]]: int(span[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise MomentError(
            f"{text[:40]!r} is no point in time.",
            needed=f"a number of hours, days or weeks such as 12h, 90d or 2w, a date such as "
            f"2027-01-31 (UTC){also}.",
            remedy="write it like that.",
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
