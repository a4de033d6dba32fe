"""Reading the fields of a job strictly: nothing is taken for what it is not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from models.jobs.errors import JobSpecError

SHOWN_CHARACTERS = 80


def text_field(value: Any, name: str, *, longest: int) -> str:
    """Take a text without control characters, of 1 to `longest` characters."""
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value
    raise refused(name, value, f"a text of 1 to {longest} printable characters.")


def whole_field(value: Any, name: str, *, low: int, high: int) -> int:
    """Take a whole number; true and false are none."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise refused(name, value, f"a whole number from {low} to {high}.")


def flag_field(value: Any, name: str) -> bool:
    """Take true or false."""
    if isinstance(value, bool):
        return value
    raise refused(name, value, "true or false.")


def choice_field(value: Any, name: str, choices: Collection[str]) -> str:
    """Take one of the choices."""
    if isinstance(value, str) and value in choices:
        return value
    raise refused(name, value, f"one of {', '.join(choices)}.")


def refused(name: str, value: Any, needed: str) -> JobSpecError:
    """Say what a field holds, shortened, and what it can hold."""
    shown = repr(value)
    short = shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}..."
    return JobSpecError(name, found=short, needed=needed)
