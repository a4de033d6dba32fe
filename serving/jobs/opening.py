"""The board of jobs as the service asks it: opened late, and left alone while it is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from models.jobs.errors import BoardAway
from serving.jobs.watching import JobWatches

if TYPE_CHECKING:
    from models.jobs.board import JobBoard
    from serving.settings import ServingSettings

AWAY_SECONDS = 1.0
Answer = TypeVar("Answer")


class Jobs:
    """The board of jobs, opened with the first question: no prediction pays for what jobs import.

    Parameters
    ----------
    open_board
        Opens the board; called once, in the thread of whoever asks first.
    monotonic
        Seconds of a clock that never goes back.

    Attributes
    ----------
    watches
        Whoever watches jobs as they go.
    """

    def __init__(
        self, open_board: Callable[[], JobBoard], *, monotonic: Callable[[], float]
    ) -> None:
        self._open_board = open_board
        self._monotonic = monotonic
        self._opening = threading.Lock()
        self._board: JobBoard | None = None
        self._away: BoardAway | None = None
        self._away_until = 0.0
        self.watches = JobWatches(self.ask)

    def ask(self, question: Callable[[JobBoard], Answer]) -> Answer:
        """Ask the board something; waits for the database, so never on the event loop.

        Raises
        ------
        BoardAway
            The database does not answer. For a moment after that nobody waits for it again: those
            who wait hold threads that others need.
        JobError
            Whatever the board refuses.
        """
        self._refuse_while_away()
        try:
            return question(self._board or self._opened())
        except BoardAway as error:
            self._away, self._away_until = error, self._monotonic() + AWAY_SECONDS
            raise

    def close(self) -> None:
        """Close the board, if anybody asked it anything."""
        self.watches.close()
        with self._opening:
            board, self._board = self._board, None
            if board is not None:
                board.close()

    def _opened(self) -> JobBoard:
        with self._opening:
            if self._board is None:
                self._refuse_while_away()
                self._board = self._open_board()
            return self._board

    def _refuse_while_away(self) -> None:
        away = self._away
        if away is not None and self._monotonic() < self._away_until:
            raise type(away)(away.found, needed=away.needed, remedy=away.remedy)


def open_jobs(
    settings: ServingSettings,
    *,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
) -> Jobs:
    """Put the board of jobs together; nothing is imported, read or written before a question.

    Parameters
    ----------
    clock
        Seconds since 1970.
    monotonic
        Seconds of a clock that never goes back.
    """

    def open_board() -> JobBoard:
        from models.jobs.board import JobBoard  # brings dbos: a quarter of a second

        address = settings.effective_jobs_database_url
        board = JobBoard(address, clock=clock, mlflow_url=settings.mlflow_url)
        board.start()
        return board

    return Jobs(open_board, monotonic=monotonic)
