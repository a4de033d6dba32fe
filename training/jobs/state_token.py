"""The token of the folder that a worker keeps: how the board knows a worker after its end."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path

from training.jobs.errors import StateError

TOKEN_FILE = "token"  # noqa: S105 - a name, and nothing secret behind it


def token_in(state: Path) -> str:
    """Give the random token of a folder; made when there is none.

    Raises
    ------
    StateError
        The folder cannot be used.
    """
    try:
        with (state / TOKEN_FILE).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # workers may share the folder
            file.seek(0)
            token = file.read().strip()
            if not token:
                token = secrets.token_hex(16)
                file.write(f"{token}\n")
    except OSError as error:
        raise StateError(
            f"The folder {state} of the worker cannot be used: {error.strerror}.",
            needed="a folder that can be written.",
            remedy="mend its rights, or set CUPROMARK_WORKER_STATE to another one.",
        ) from error
    return token
