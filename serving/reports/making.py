"""Having a report made: a process of its own each time, so many at once, for so long at most."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import structlog

from models.errors import ReportError
from serving.errors import NotAcceptableError, NotReadyError
from serving.reports.orders import ReportOrder
from serving.uploads.child import ReaderChild
from serving.uploads.failures import ReaderFaultError, ReaderOverdueError, from_texts
from serving.uploads.frames import Frame

COMMAND = (sys.executable, "-P", "-m", "serving.reports.maker_process")
AT_ONCE, MOST_WAITING = 1, 16
"""Whoever waits holds one of the 40 threads that all routes share."""
SECONDS = {"files": 40.0, "pdf": 50.0}
MEMORY_BYTES = {"files": 1536 * 1024 * 1024, "pdf": 0}
"""Of its data; none for PDF: the browser that prints reserves far more than it takes."""
log = structlog.get_logger(__name__)


def start_maker(memory_bytes: int) -> ReaderChild:
    """Start the process that makes one report."""
    return ReaderChild(memory_bytes, command=COMMAND)


class Making:
    """Carries orders out one after the other, from whichever thread.

    Parameters
    ----------
    start
        Starts a process that may take so many bytes.
    """

    def __init__(self, *, start: Callable[[int], ReaderChild] = start_maker) -> None:
        self._start = start
        self._places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)
        self._makers = threading.BoundedSemaphore(AT_ONCE)

    def make(self, order: ReportOrder, *, is_made: Callable[[], bool] = lambda: False) -> None:
        """Make the files of an order.

        Parameters
        ----------
        is_made
            Asked once it is this order's turn: whether somebody else had them made meanwhile.

        Raises
        ------
        BundleError
            The bundle must not be used.
        NotAcceptableError
            There is nothing here that prints PDF.
        NotReadyError
            Too many reports are asked for, or the maker did not come to an end.
        """
        with self._place(), self._makers:
            if is_made():
                return
            child = self._start(MEMORY_BYTES[order.part])
            try:
                reply = child.exchange(Frame(asdict(order)), seconds=SECONDS[order.part])
            except (ReaderOverdueError, ReaderFaultError) as error:
                log.warning("report.failed", drug=order.drug, reason=error.found)
                raise _failed() from error
            finally:
                child.close()
        if "error" in reply.header:
            raise _understood(reply, order)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise NotReadyError(
                f"{AT_ONCE + MOST_WAITING} reports are being made or waited for already.",
                needed="a free place.",
                remedy="ask again in a moment.",
                retry_after_seconds=5.0,
            )
        try:
            yield
        finally:
            self._places.release()


def _understood(reply: Frame, order: ReportOrder) -> Exception:
    """Say over HTTP what went wrong; the caller of a report has done nothing wrong."""
    error = from_texts(reply.header["error"])
    if not isinstance(error, ReportError):
        return error
    log.warning("report.refused", drug=order.drug, reason=error.found)
    if order.part == "pdf":
        return NotAcceptableError(
            "This service cannot print PDF.",
            needed="a service that finds a Chromium on its path.",
            remedy="take the report as .html and print it, or have whoever runs the service "
            "install Chromium.",
        )
    return NotReadyError(
        f"The report cannot be made: {error.found}",
        needed=error.needed,
        remedy=f"whoever runs the service mends that: {error.remedy}",
        retry_after_seconds=60.0,
    )


def _failed() -> NotReadyError:
    return NotReadyError(
        "The process that makes reports did not come to an end.",
        needed="a report.",
        remedy="ask again; if it happens once more, `cupromark report` says why.",
        retry_after_seconds=5.0,
    )
