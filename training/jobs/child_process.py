"""The process of a job seen from the worker: started, given orders, watched, ended.

Whatever is heavy or may crash happens there: native code that dies and memory that runs out end
that process, and the worker lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

PACKAGES = Path(__file__).resolve().parents[2]
# -P: a folder that the worker happens to be started in holds none of our modules.
COMMAND = (sys.executable, "-P", "-m", "training.jobs.child")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
LONGEST_LINE = 4000
KEPT_LINES = 20
MOST_OUTPUT_LINES = 5000
LAST_WORDS_SECONDS = 2.0
EXIT_SECONDS = 10.0

Message = Mapping[str, Any]


class ChildProcess:
    """A running `training.jobs.child`, leader of a process group of its own.

    Parameters
    ----------
    command
        Program to run.
    """

    def __init__(self, *, command: Sequence[str] = COMMAND) -> None:
        path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - our own module, in this interpreter
            [*command, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            start_new_session=True,
        )
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=KEPT_LINES)
        self._output = threading.Thread(target=self._read_output, daemon=True)
        with contextlib.ExitStack() as unless_heard:
            unless_heard.callback(self.kill)
            self._output.start()
            threading.Thread(target=self._read_messages, daemon=True).start()
            unless_heard.pop_all()

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    def send(self, order: Message) -> None:
        """Give an order; a process that is gone says so in `next_message`."""
        with contextlib.suppress(OSError):
            stdin = self._stream(self._process.stdin)
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()

    def next_message(self, seconds: float) -> Message | None:
        """Wait for the next message; None when none came in time.

        The last one of a process that ended by itself is `{"ended": <how>}`.
        """
        try:
            message = self._messages.get(timeout=seconds)
        except queue.Empty:
            return None
        return {"ended": self._how_it_ended()} if message is None else message

    def memory_bytes(self) -> int:
        """Memory that the process and those that it started hold; 0 where nobody can look."""
        return sum(map(_resident_bytes, self._family()))

    def stop(self, seconds: float) -> None:
        """End it and all that it started: SIGTERM, and SIGKILL after so long."""
        family = self._family()
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._end(family)

    def kill(self) -> None:
        """End it and all that it started at once, and wait for that."""
        self._end(self._family())

    def _end(self, family: Sequence[psutil.Process]) -> None:
        self._signal(signal.SIGKILL)
        for process in family:  # one that left the group does not get its signals
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._stream(self._process.stdin).close()

    def _family(self) -> list[psutil.Process]:
        try:
            leader = psutil.Process(self.pid)
            return [leader, *leader.children(recursive=True)]
        except (psutil.Error, OSError):  # it is gone, or we may open no more files
            return []

    def _signal(self, number: int) -> None:
        # The group outlives its leader while others of it run; its id is not given anew until then.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    # Both readers close their pipe at its end: closing it under a reader's hands waits for whoever
    # else still holds the other end.
    def _read_messages(self) -> None:
        with contextlib.suppress(OSError), self._stream(self._process.stdout) as pipe:
            for line in pipe:
                self._messages.put(_message_of(line))
        self._output.join(LAST_WORDS_SECONDS)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(EXIT_SECONDS)
        self._messages.put(None)

    def _read_output(self) -> None:
        n_lines = 0
        with contextlib.suppress(OSError), self._stream(self._process.stderr) as pipe:
            while raw := pipe.readline(LONGEST_LINE):
                line = _text_of(raw)
                if not line:
                    continue
                self._last_words.append(line)
                n_lines += 1
                if n_lines < MOST_OUTPUT_LINES:
                    self._messages.put({"log": ["output", line]})
                elif n_lines == MOST_OUTPUT_LINES:
                    self._messages.put({"log": ["warning", "further output is left out"]})

    def _how_it_ended(self) -> str:
        code = self._process.poll()
        if code is None:
            return "closed its output without ending"
        if code == -signal.SIGKILL:
            return "was ended by SIGKILL, as the kernel does when the machine is out of memory"
        if code < 0:
            return f"crashed: it was ended by {_name_of(-code)}"
        said = f": {self._last_words[-1]}" if self._last_words else ""
        return f"ended with code {code}{said}"

    @staticmethod
    def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None  # noqa: S101 - pipes were asked for
        return pipe


def _message_of(line: bytes) -> Message:
    with contextlib.suppress(ValueError):  # cut off, or printed by somebody else
        message = json.loads(line)
        if isinstance(message, dict):
            return message
    return {"log": ["output", _text_of(line)]}


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have none
        return f"signal {number}"


def _text_of(raw: bytes) -> str:
    return raw.decode(errors="replace").rstrip()[:LONGEST_LINE]


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except (psutil.Error, OSError):  # it has just ended, or we may open no more files
        return 0
