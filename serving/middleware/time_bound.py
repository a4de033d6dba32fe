"""A bound on the time of what waits; what never waits needs no timer, and pays for none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class OutOfTimeError(Exception):
    """What was waited for is not done in time; it was cancelled."""


async def in_time(work: Coroutine[Any, Any, Result], ends_at: Callable[[], float]) -> Result:
    """Await a coroutine.

    Parameters
    ----------
    work
        Not begun yet. It is run up to where it waits for something, which most answers never do.
    ends_at
        Asked once it waits: the time of the event loop at which it is given up.

    Raises
    ------
    OutOfTimeError
        It was not done by then.
    """
    try:
        waited_for = work.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    limit = asyncio.timeout_at(ends_at())
    try:
        async with limit:
            return await _rest(work, waited_for)
    except TimeoutError:
        if not limit.expired():
            raise
        raise OutOfTimeError from None


@coroutine
def _rest(work: Coroutine[Any, Any, Result], waited_for: Any) -> Generator[Any, Any, Result]:
    """Go on with a coroutine that was begun, as `await` would."""
    while True:
        try:
            sent = yield waited_for
        except BaseException as error:  # noqa: BLE001 - a cancellation is the coroutine's to see
            thrown: BaseException | None = error
        else:
            thrown = None
        try:
            waited_for = work.send(sent) if thrown is None else work.throw(thrown)
        except StopIteration as done:
            result: Result = done.value
            return result
