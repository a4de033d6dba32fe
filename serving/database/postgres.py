"""A connection to Postgres that gives up on a server that is there and says nothing.

`statement_timeout` is the server's to keep and `tcp_user_timeout` the other kernel's: neither helps
where a server is frozen, its host swaps or its disk hangs. Then psycopg waits forever.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

from psycopg import Connection, OperationalError

Result = TypeVar("Result")
ANSWER_SECONDS = 12.0  # a little more than the server itself gives a statement


class BoundedConnection(Connection[Any]):
    """Closes itself, and raises OperationalError, where the server is silent for too long.

    Attributes
    ----------
    answer_seconds
        Longest wait for an answer; None for no bound, as a migration needs it.
    """

    answer_seconds: float | None = ANSWER_SECONDS

    def wait(self, gen: Generator[Any, Any, Result], *args: Any, **options: Any) -> Result:
        """Wait for what the server answers (psycopg calls this for whatever it asks)."""
        if self.answer_seconds is not None:
            gen = self._in_time(gen, time.monotonic() + self.answer_seconds)
        return super().wait(gen, *args, **options)

    def _in_time(
        self, asking: Generator[Any, Any, Result], ends_at: float
    ) -> Generator[Any, Any, Result]:
        """Go on with asking until the time is over; psycopg looks in every tenth of a second."""
        ready = None
        while True:
            try:
                wanted = asking.send(ready)
            except StopIteration as done:
                answer: Result = done.value
                return answer
            ready = yield wanted
            if not ready and time.monotonic() > ends_at:
                self.pgconn.finish()  # what it would say later answers another question
                raise OperationalError("the server is silent")
