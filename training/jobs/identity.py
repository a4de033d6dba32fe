"""Who a worker is: the same after a restart, and nobody else meanwhile."""

from __future__ import annotations

import fcntl
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TextIO

from training.jobs.errors import StateError

ID_FILE = "executor_id"


@dataclass(frozen=True, slots=True)
class Identity:
    """An id that no other process has while this one holds it; the end of the process lets it go.

    Attributes
    ----------
    executor_id
        Of the worker.
    lock
        What is held.
    """

    executor_id: str
    lock: TextIO

    def __enter__(self) -> Identity:
        """Hold it, which it does already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let it go."""
        self.lock.close()


def take_identity(state: Path, given: str | None) -> Identity:
    """Take the id that was set, or the first one of the folder that nobody holds.

    Workers may share the folder, as the replicas of one service do: the first has the id in
    `executor_id`, the next the one in `executor_id.2`, and so on; each is made when it is first
    needed. A worker that was killed takes its own again, or that of another one that is gone.

    Parameters
    ----------
    state
        Folder of what the worker keeps.
    given
        Id that was set; None for one that is kept in the folder.

    Raises
    ------
    StateError
        Another worker holds the id that was set, or the folder cannot be used.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        with _alone_in(state):  # two that start at once would make the same file
            return _taken(state, given)
    except OSError as error:
        raise StateError(
            f"The folder {state} of the worker cannot be used: {error.strerror}.",
            needed="a folder that can be written.",
            remedy="mend its rights, or set CUPROMARK_WORKER_STATE to another one.",
        ) from error


def _taken(state: Path, given: str | None) -> Identity:
    if given is not None:
        held = _held(state, given)
        if held is None:
            raise StateError(
                f"A worker is at work as {given} in {state} already.",
                needed="an id of its own for every worker.",
                remedy="leave CUPROMARK_WORKER_EXECUTOR_ID out, or stop that worker.",
            )
        return held
    return next(one for one in _free_ones(state) if one is not None)


def _free_ones(state: Path) -> Iterator[Identity | None]:
    for number in count(1):
        name = ID_FILE if number == 1 else f"{ID_FILE}.{number}"
        yield _held(state, _kept_id(state / name))


def _kept_id(path: Path) -> str:
    """Give the id of the file; made when there is none."""
    if not path.is_file():
        made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        made.write_text(f"{socket.gethostname()}-{secrets.token_hex(4)}\n")
        made.replace(path)
    return path.read_text().strip()


def _held(state: Path, executor_id: str) -> Identity | None:
    """Hold an id for this process; None where another one does."""
    name = "".join(letter if letter.isalnum() else "-" for letter in executor_id)
    lock = (state / f"{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError:
        lock.close()
        raise
    return Identity(executor_id, lock)


@contextmanager
def _alone_in(state: Path) -> Iterator[None]:
    """Keep other workers of the folder from choosing an id at the same moment."""
    with (state / f"{ID_FILE}.choosing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
