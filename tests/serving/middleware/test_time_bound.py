import asyncio

import pytest

from serving.middleware.time_bound import OutOfTimeError, in_time


def soon(seconds=60.0):
    return lambda: asyncio.get_running_loop().time() + seconds


def run(work, ends_at=None):
    async def main():
        return await in_time(work, ends_at or soon())

    return asyncio.run(main())


def test_what_never_waits_is_not_timed():
    async def work():
        return 7

    def never():
        raise AssertionError("no end is asked for")

    assert run(work(), never) == 7


def test_what_waits_goes_on_where_it_was():
    async def work():
        met = []
        for number in range(3):
            await asyncio.sleep(0)
            met.append(number)
            met.append(await asyncio.to_thread(lambda: "from a thread"))
        return met

    assert run(work()) == [0, "from a thread", 1, "from a thread", 2, "from a thread"]


def test_what_takes_too_long_is_cancelled():
    ended = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    with pytest.raises(OutOfTimeError):
        run(work(), soon(0.01))
    assert ended == [True]


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("error", [ValueError, TimeoutError])
def test_errors_of_the_work_are_its_own(error, waits):
    async def work():
        if waits:
            await asyncio.sleep(0)
        raise error

    with pytest.raises(error):
        run(work())


def test_work_may_answer_a_failure_of_what_it_waits_for():
    async def work():
        try:
            await asyncio.to_thread(lambda: 1 / 0)
        except ZeroDivisionError:
            await asyncio.sleep(0)
            return "mended"

    assert run(work()) == "mended"


def test_bounds_within_bounds_both_hold():
    async def inner():
        await asyncio.sleep(60)

    async def outer():
        try:
            await in_time(inner(), soon(0.01))
        except OutOfTimeError:
            return "the inner one"

    assert run(outer(), soon(60)) == "the inner one"
    with pytest.raises(OutOfTimeError):
        run(in_time(inner(), soon(60)), soon(0.01))


def test_a_cancellation_reaches_the_work_and_gets_out():
    seen = []

    async def work():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main():
        task = asyncio.create_task(in_time(work(), soon()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == ["cancelled"]
