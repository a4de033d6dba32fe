from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from models.jobs.cron import check_cron, latest_due, next_after
from models.jobs.errors import ScheduleError

BERLIN = "Europe/Berlin"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def local(moment: float, zone: str = BERLIN) -> str:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%m-%d %H:%M%z")


def times(cron: str, zone: str, since: str, n: int) -> list[float]:
    found = [at(since)]
    for _ in range(n):
        found.append(next_after(cron, zone, found[-1]))
    return found[1:]


def test_times_are_those_of_the_wall_clock_there():
    assert next_after("0 3 * * 1", "UTC", at("2026-11-20T12:00")) == at("2026-11-23T03:00")
    assert next_after("0 3 * * *", "Asia/Kolkata", at("2026-11-20T12:00")) == at("2026-11-20T21:30")
    assert next_after("@daily", "UTC", at("2026-11-20T00:00")) == at("2026-11-21T00:00")


def test_an_hour_that_does_not_exist_comes_later_and_once():
    found = [local(each) for each in times("30 2 * * *", BERLIN, "2026-03-27T12:00", 3)]
    assert found == ["03-28 02:30+0100", "03-29 03:30+0200", "03-30 02:30+0200"]
    hourly = times("0 * * * *", BERLIN, "2026-03-28T23:30", 24)
    assert {after - before for before, after in pairwise(hourly)} == {3600}


def test_an_hour_that_comes_twice_is_run_once():
    found = [local(each) for each in times("30 2 * * *", BERLIN, "2026-10-24T12:00", 2)]
    assert found == ["10-25 02:30+0200", "10-26 02:30+0100"]


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["*/15 * * * *", "30 2 * * *", "0 0 1 * *", "15 3 * * 0"])
def test_every_time_comes_after_the_one_before_for_two_years(cron, zone):
    moment, end = at("2026-01-01T00:00"), at("2026-01-01T00:00") + 700 * 86_400
    n = 0
    while moment < end and n < 500:
        following = next_after(cron, zone, moment)
        assert following > moment
        assert following - moment <= 32 * 86_400
        moment, n = following, n + 1


def test_the_latest_of_missed_times_and_how_many_came_before_it():
    first = at("2026-11-20T03:00")
    hour = timedelta(hours=1).total_seconds()
    assert latest_due("0 3 * * *", "UTC", first, first) == (first, 0)
    assert latest_due("0 3 * * *", "UTC", first, first + 23.9 * hour) == (first, 0)
    assert latest_due("0 3 * * *", "UTC", first, first + 24 * hour) == (first + 24 * hour, 1)
    ten_years = first + 10 * 365 * 24 * hour
    latest, n = latest_due("* * * * *", "UTC", first, ten_years + 30)
    assert (latest, n) == (ten_years, 1000)


@pytest.mark.parametrize("cron", ["0 3 * * FRI", "0 3 * * fri", "0 3 1 MAR,APR *", "@daily"])
def test_names_of_days_and_months_are_read_in_any_case(cron):
    check_cron(cron, "UTC")


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "R R * * *", "r r * * *",
     "R(0-5) 3 * * *", "@reboot", "x"],
)  # fmt: skip
def test_what_is_no_cron_expression_is_refused(cron):
    with pytest.raises(ScheduleError, match="cron expression"):
        check_cron(cron, "UTC")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(ScheduleError, match="time zone"):
        check_cron("0 3 * * *", zone)
