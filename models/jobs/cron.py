"""When a cron expression falls due, as moments in seconds since 1970.

The expression is walked on the wall clock of its time zone: a run at 02:30 comes once on the day on
which the clock goes back, and an hour later on the day on which 02:30 does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, CroniterError, croniter

from models.jobs.errors import ScheduleError

FIELDS = 5
MOST_COUNTED = 1000


def check_cron(cron: str, time_zone: str) -> None:
    """Refuse what is no cron expression of five fields, or never falls due.

    Raises
    ------
    ScheduleError
        The expression or the time zone cannot be used.
    """
    zone_of(time_zone)
    words = cron.split()
    if not (len(words) == FIELDS or (len(words) == 1 and cron.startswith("@"))):
        raise _refused(cron, "has not five fields")
    # croniter's word for a time that it throws dice for, another one in each process.
    if any(part.lower().startswith("r") for word in words for part in word.split(",")):
        raise _refused(cron, "asks for a random time")
    try:
        croniter(cron, datetime(2026, 1, 1)).get_next(datetime)  # noqa: DTZ001 - a wall clock
    except CroniterBadDateError as error:
        raise _refused(cron, "names a date that never comes") from error
    except CroniterError as error:
        raise _refused(cron, "cannot be read") from error


def next_after(cron: str, time_zone: str, moment: float) -> float:
    """Give the first time after a moment at which the expression falls due."""
    return next(_times_after(cron, time_zone, moment))


def latest_due(cron: str, time_zone: str, first: float, now: float) -> tuple[float, int]:
    """Give the latest time due up to now, and how many there were before it.

    Parameters
    ----------
    first
        A time at which it is due, not after `now`.

    Returns
    -------
    tuple[float, int]
        The time, and how many due times from `first` on it makes up for; counted up to 1000.
    """
    latest, n_before = first, 0
    for due in _times_after(cron, time_zone, first):
        if due > now:
            break
        latest, n_before = due, n_before + 1
        if n_before == MOST_COUNTED:
            return max(latest, _last_before(cron, time_zone, now)), n_before
    return latest, n_before


def zone_of(name: str) -> ZoneInfo:
    """Give the time zone of a name such as UTC or Europe/Berlin."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(
            f"There is no time zone {name[:80]!r}.",
            needed="a name of the tz database, such as UTC or Europe/Berlin.",
            remedy="name another one.",
        ) from error


def _times_after(cron: str, time_zone: str, moment: float) -> Iterator[float]:
    zone = zone_of(time_zone)
    walk = croniter(cron, _wall_clock(moment, zone))
    last = moment
    while True:
        due = _moment(walk.get_next(datetime), zone)
        if due > last:  # an hour that does not exist falls together with the next one
            yield due
            last = due


def _last_before(cron: str, time_zone: str, now: float) -> float:
    zone = zone_of(time_zone)
    walk = croniter(cron, _wall_clock(now, zone))
    due = _moment(walk.get_prev(datetime), zone)
    return due if due <= now else _moment(walk.get_prev(datetime), zone)


def _wall_clock(moment: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).replace(tzinfo=None)


def _moment(wall_clock: datetime, zone: ZoneInfo) -> float:
    return wall_clock.replace(tzinfo=zone).timestamp()


def _refused(cron: str, what: str) -> ScheduleError:
    return ScheduleError(
        f"The cron expression {cron[:80]!r} {what}.",
        needed="minute, hour, day of the month, month and day of the week, such as `0 3 * * 1`.",
        remedy="mend the expression.",
    )
