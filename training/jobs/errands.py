"""What a worker does beside its job, in threads of their own: schedules and notifications."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from features.errors import CupromarkError
from models.jobs.board import JobBoard
from models.jobs.errors import BoardAway
from models.jobs.schedules import ScheduleBook
from training.jobs.settings import WorkerSettings
from training.notifications.courier import Courier

PAUSE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Errands:
    """Submits what schedules ask for, and delivers notifications, until the worker ends.

    A receiver that is slow keeps nobody else waiting: neither the job nor a schedule.

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
        courier = courier_of(board, settings)
        errands: dict[str, Callable[[], object]] = {"schedules": self._submit_due}
        if courier is not None:
            errands["notifications"] = courier.run_once
        self._threads = [
            threading.Thread(target=self._run, args=(errand,), name=name, daemon=True)
            for name, errand in errands.items()
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the end of the errands under way, for some seconds."""
        for thread in self._threads:
            thread.join(PAUSE_SECONDS)

    def _run(self, errand: Callable[[], object]) -> None:
        while not self._is_stopping.wait(PAUSE_SECONDS):
            self._try(errand)

    def _submit_due(self) -> None:
        for submitted in self._book.submit_due():
            job = submitted.job
            _log.info("scheduled job submitted", job=job.job_id, schedule=job.submitted_by)

    def _try(self, errand: Callable[[], object]) -> None:
        try:
            errand()
        except BoardAway as error:
            _log.warning("database away", reason=error.found)
        except (CupromarkError, SQLAlchemyError, OSError) as error:  # the thread lives on
            _log.error("errand failed", error=type(error).__name__)


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
