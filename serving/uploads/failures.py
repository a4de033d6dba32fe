"""Errors on their way from a reader to the service: by class, so that they mean the same there."""

from __future__ import annotations

from collections.abc import Sequence

from features import errors as features_errors
from features.errors import CupromarkError, LimitError, ReadError
from models import errors as models_errors
from serving.errors import ServingError


class ReaderFaultError(ServingError):
    """A reader ended, or met what no reader foresees, while it worked."""


class ReaderOverdueError(ServingError):
    """A reader took longer than it may, and was ended."""


def to_texts(error: CupromarkError) -> list[str]:
    """Take an error apart."""
    return [type(error).__name__, error.found, error.needed, error.remedy]


def from_texts(texts: Sequence[str]) -> CupromarkError:
    """Put an error together again; one of a class that is not known here becomes a ReadError."""
    name, found, needed, remedy = texts
    known = getattr(features_errors, name, None) or getattr(models_errors, name, None)
    is_own = isinstance(known, type) and issubclass(known, CupromarkError)
    family: type[CupromarkError] = known if is_own and known is not None else ReadError
    return family(found, needed=needed, remedy=remedy)


def out_of_memory(max_bytes: int) -> LimitError:
    """Say that a file needs more memory than a reader has."""
    return LimitError(
        f"The file needs more than {max_bytes / 2**20:,.0f} MiB of memory to be read.",
        needed="a file that can be read in that memory.",
        remedy="keep only the genes and samples that are needed, or split the file.",
    )


def overdue(seconds: float) -> LimitError:
    """Say that a file takes too long to read."""
    return LimitError(
        f"The file could not be read within {seconds:g} s.",
        needed="a file that can be read in that time.",
        remedy="keep only the genes and samples that are needed, or split the file.",
    )


def unreadable() -> ReadError:
    """Say that reading a file ended the reader."""
    return ReadError(
        "The file could not be read: it broke the program that reads it.",
        needed="a whole file of expression in one of the formats that are taken.",
        remedy="export it again, as CSV if in doubt; `cupromark validate` reads it on your own "
        "computer.",
    )
