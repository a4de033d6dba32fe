"""Who a worker is: the same after a restart, and nobody else meanwhile."""

from __future__ import annotations

import fcntl
import secrets
import socket
from pathlib import Path
from typing import TextIO

from training.jobs.errors import StateError

ID_FILE = "executor_id"


def executor_id_in(state: Path, given: str | None) -> str:
    """Give the id: as it was set, or as it is kept in the folder; made when there is none."""
    if given is not None:
        return given
    path = state / ID_FILE
    try:
        state.mkdir(parents=True, exist_ok=True)
        if not path.is_file():
            made = path.with_name(f".{ID_FILE}.{secrets.token_hex(4)}")
            made.write_text(f"{socket.gethostname()}-{secrets.token_hex(4)}\n")
            made.replace(path)
        return path.read_text().strip()
    except OSError as error:
        raise StateError(
            f"The folder {state} of the worker cannot be used: {error.strerror}.",
            needed="a folder that can be written.",
            remedy="mend its rights, or set CUPROMARK_WORKER_STATE to another one.",
        ) from error


def hold_state(state: Path, executor_id: str) -> TextIO:
    """Hold the folder for this process alone; the lock ends with the process.

    Raises
    ------
    StateError
        Another worker holds it under the same id.
    """
    name = "".join(letter if letter.isalnum() else "-" for letter in executor_id)
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / f"{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StateError(
            f"A worker is at work as {executor_id} in {state} already.",
            needed="an id and a folder of its own for every worker.",
            remedy="set CUPROMARK_WORKER_STATE to another folder, or stop that worker.",
        ) from error
    return lock
