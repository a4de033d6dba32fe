"""The child process seen from the service: started, listened to, ended with all it started."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from serving.bundles.messages import Message, Orders, parse_message, to_line
from serving.bundles.reasons import without_places

PACKAGES = Path(__file__).resolve().parents[2]
# -P: a folder that the service happens to be started in holds none of our modules.
COMMAND = (sys.executable, "-P", "-m", "serving.bundles.fetcher")
CLOSING_SECONDS = 2.0


class FetcherChild:
    """A running `serving.bundles.fetcher`, in a process group of its own.

    Parameters
    ----------
    orders
        What it is to watch.
    command
        Program to run.
    """

    def __init__(self, orders: Orders, *, command: Sequence[str] = COMMAND) -> None:
        path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - our own module, in this interpreter
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        self._last_words: deque[str] = deque(maxlen=1)
        self._stderr_reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._stderr_reader.start()
        self._writing = threading.Lock()
        self._write(to_line(orders))

    @property
    def pid(self) -> int:
        """Of the child; also of its process group."""
        return self._process.pid

    def messages(self, *, silence_seconds: float) -> Iterator[Message]:
        """Everything that it says, until it ends or says nothing for too long."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - a pipe was asked for
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while selector.select(silence_seconds):
                part = os.read(stdout.fileno(), 65536)
                if not part:
                    return
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    yield parse_message(line)
        self._last_words.append(f"it said nothing for {silence_seconds:g} s")

    def fetch(self, version: str) -> None:
        """Ask for a version by number."""
        self._write(f"fetch {version}\n".encode())

    def again(self, version: str) -> None:
        """Say that a version that was brought could not be loaded."""
        self._write(f"again {version}\n".encode())

    def close(self) -> None:
        """Ask it to end; it does so at once."""
        with self._writing, contextlib.suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
            self._process.stdin.close()

    def end(self) -> str:
        """End it and everything that it started; return how it had ended, in a few words."""
        self.close()
        # Not reaped yet: its id, and that of its group, cannot be another's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        self._stderr_reader.join(CLOSING_SECONDS)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        how = f"with code {code}" if code >= 0 else f"by signal {-code}"
        return f"{how}: {self._last_words[-1]}" if self._last_words else how

    def _write(self, line: bytes) -> None:
        """Write to it; when it is gone, whoever reads its messages will notice."""
        with self._writing, contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - a pipe was asked for
        for line in self._process.stderr:
            if line.strip():
                self._last_words.append(without_places(line.decode(errors="replace").strip()))


StartsChild = Callable[[Orders], FetcherChild]
