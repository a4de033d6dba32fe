"""A reader seen from the service: started, given orders, ended when it takes too long."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from serving.errors import NotReadyError
from serving.uploads.failures import ReaderFaultError, ReaderOverdueError
from serving.uploads.frames import Frame, read_frame, write_frame

PACKAGES = Path(__file__).resolve().parents[2]
# -P: a folder that the service happens to be started in holds none of our modules.
COMMAND = (sys.executable, "-P", "-m", "serving.uploads.reader")
# Whatever else stands in our environment (addresses, passwords) is no business of a reader.
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPYCACHEPREFIX")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
# Signals that others send; all others come from what a file made the reader do.
FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})


class ReaderChild:
    """A running `serving.uploads.reader`; one thread at a time may use it.

    Parameters
    ----------
    memory_bytes
        What it may take.
    command
        Program to run.
    """

    def __init__(self, memory_bytes: int, *, command: Sequence[str] = COMMAND) -> None:
        path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own module, in this interpreter
            [*command, str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may hold values
            env={**kept, **ONE_THREAD, "PYTHONPATH": path},
            start_new_session=True,
        )
        self.uses = 0
        self.most_resident_bytes = 0
        self.knows: str | None = None

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def exchange(self, order: Frame, *, seconds: float) -> Frame:
        """Give an order and wait for the reply; after an error the child is of no use any more.

        Raises
        ------
        ReaderOverdueError
            It took longer than `seconds`, and was ended.
        NotReadyError
            It was ended from outside.
        ReaderFaultError
            It ended by itself, or met what no reader foresees.
        """
        self.uses += 1
        is_overdue = threading.Event()

        def end_overdue() -> None:
            is_overdue.set()
            self.kill()

        watchdog = threading.Timer(seconds, end_overdue)
        watchdog.start()
        try:
            with contextlib.suppress(OSError):  # a reader that is gone gives no reply either
                write_frame(self._stdin, order)
            reply = read_frame(self._stdout)
        finally:
            watchdog.cancel()
        if is_overdue.is_set():
            raise ReaderOverdueError(
                f"A reader took longer than {seconds:g} s.", needed="a reply.", remedy="none."
            )
        if reply is None:
            raise self._ended()
        self.most_resident_bytes = reply.header.get("most_resident_bytes", 0)
        if "fault" in reply.header:
            raise _fault(f"{reply.header['fault']} at {'; '.join(reply.header['frames'][-3:])}")
        return reply

    def kill(self) -> None:
        """End it and whatever it started, at once, from any thread."""
        # Only while it is not reaped: afterwards its id may be another's.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it, wait for that, and close its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    @property
    def _stdin(self) -> BinaryIO:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        return self._process.stdin  # type: ignore[return-value]

    @property
    def _stdout(self) -> BinaryIO:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        return self._process.stdout  # type: ignore[return-value]

    def _ended(self) -> NotReadyError | ReaderFaultError:
        code = self._process.wait()
        if code in FROM_OUTSIDE:
            return NotReadyError(
                "The process that reads files was ended from outside.",
                needed="a reader that may finish.",
                remedy="send the request again.",
                retry_after_seconds=1.0,
            )
        return _fault(f"code {code}" if code >= 0 else f"signal {-code}")


def _fault(how: str) -> ReaderFaultError:
    return ReaderFaultError(f"A reader ended: {how}.", needed="a reply.", remedy="see the log.")
