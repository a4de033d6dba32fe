"""What a worker does beside its job, in a thread of its own: schedules and notifications."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from models.jobs.board import JobBoard
from models.jobs.errors import BoardAway
from models.jobs.schedules import ScheduleBook
from training.jobs.settings import WorkerSettings
from training.notifications.courier import Courier

PAUSE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Errands:
    """Submits what schedules ask for, and delivers notifications, until the worker ends.

    A receiver that is slow keeps nobody else waiting: neither the job nor the sign of life.

    Parameters
    ----------
    board
        Of the jobs.
    settings
        Of the worker.
    is_stopping
        Set when the worker is to end.
    """

    def __init__(
        self, board: JobBoard, settings: WorkerSettings, is_stopping: threading.Event
    ) -> None:
        self._is_stopping = is_stopping
        self._book = ScheduleBook(board)
        self._courier = courier_of(board, settings)
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end of the errand under way, for some seconds."""
        self._thread.join(PAUSE_SECONDS)

    def _run(self) -> None:
        while not self._is_stopping.wait(PAUSE_SECONDS):
            self._unless_away(self._submit_due)
            if self._courier is not None:
                self._unless_away(self._courier.run_once)

    def _submit_due(self) -> None:
        for submitted in self._book.submit_due():
            job = submitted.job
            _log.info("scheduled job submitted", job=job.job_id, schedule=job.submitted_by)

    def _unless_away(self, do: Callable[[], object]) -> None:
        try:
            do()
        except BoardAway as error:
            _log.warning("database away", reason=error.found)


def courier_of(board: JobBoard, settings: WorkerSettings) -> Courier | None:
    """Give the courier of the settings; None where no address was set."""
    if not settings.webhook_urls or settings.webhook_secret is None:
        return None
    return Courier(
        board.engine,
        urls=settings.webhook_urls,
        hosts=settings.webhook_hosts,
        secret=settings.webhook_secret.get_secret_value(),
        events=settings.webhook_events,
    )
