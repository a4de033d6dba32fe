"""Reading single fields of a JSON object, and saying by pointer what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.errors import InvalidField, InvalidRequestError


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object; what is wrong is added to a list.

    Attributes
    ----------
    content
        The object.
    wrong
        Filled with the places that are wrong.
    """

    content: Mapping[str, Any]
    wrong: list[InvalidField]

    def word(self, name: str, allowed: Sequence[str], default: str | None) -> str | None:
        """Return one of the words allowed; without a default the field is required."""
        given = self.content.get(name, default)
        if type(given) is str and given in allowed:
            return given
        known = f"one of {', '.join(allowed)}"
        missing = given is None and name not in self.content
        said = f"is required: {known}" if missing else f"must be {known}"
        self.wrong.append(InvalidField(f"/{name}", said))
        return default

    def number(self, name: str, default: float, *, above: float, below: float) -> float:
        """Return a number strictly between two bounds; a boolean is none."""
        given = self.content.get(name, default)
        if type(given) in (int, float) and above < given < below and math.isfinite(given):
            return float(given)
        self.wrong.append(
            InvalidField(f"/{name}", f"must be a number above {above:g} and below {below:g}")
        )
        return default

    def count(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        given = self.content.get(name, default)
        if type(given) is int and 1 <= given <= most:
            return given
        self.wrong.append(InvalidField(f"/{name}", f"must be a whole number from 1 to {most:,}"))
        return default


def text(value: object, *, longest: int) -> bool:
    """Whether a value is text of a length that a name has, without control characters."""
    return type(value) is str and 0 < len(value) <= longest and value.isprintable()


def all_text(values: Sequence[object], *, longest: int) -> bool:
    """Whether `text` holds for every one of at least one value, all looked at together."""
    if not {str}.issuperset(map(type, values)):
        return False
    lengths = set(map(len, values))  # type: ignore[arg-type]
    return min(lengths) > 0 and max(lengths) <= longest and "".join(values).isprintable()  # type: ignore[arg-type]


def escaped(name: str) -> str:
    """Write a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def invalid(*places: InvalidField) -> InvalidRequestError:
    """Make the error of a request with wrong places."""
    return InvalidRequestError(
        f"{len(places):,} place(s) of the request are wrong."
        if len(places) != 1
        else f"The request is wrong at {places[0].pointer or 'its root'}: {places[0].message}."
        if len(places[0].pointer) < 200
        else "One place of the request is wrong.",
        needed="a request as /openapi.json describes it.",
        remedy="mend the places that `errors` lists.",
        errors=places,
    )
