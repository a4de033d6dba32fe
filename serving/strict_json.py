"""JSON as RFC 8259 has it, and no other: what two parsers could read differently is refused.

orjson refuses NaN, Infinity, numbers beyond a double (1e400, integers of 5,000 digits), lone
surrogates, a byte order mark and bad UTF-8. What it lets through is found here without walking
the numbers: names that stand twice in an object, deep nesting, and swarms of empty arrays.
Booleans stay booleans: refusing them where a number belongs is up to the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from serving.errors import MalformedJsonError, RequestTooLargeError

REMEDY = "send JSON as RFC 8259 describes it, in UTF-8, with every name once in an object."
Container = dict[str, object] | list[object]
CONTAINERS = frozenset({dict, list})
FEW = 16  # containers of a level that are worth sorting
STRING = rb'"(?:[^"\\]|\\.)*+"'
STRINGS = re.compile(STRING, re.DOTALL)
# A name with its colon, a brace, or any other string.
MARKS = re.compile(rb"(" + STRING + rb")[ \t\r\n]*(:?)|[{}]", re.DOTALL)
MANY_SURPLUS = 10_000
MARKS_SEARCHED = 100_000  # how far the place of a repeated name is looked for: about 0.1 s


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How much structure a body may have.

    Attributes
    ----------
    depth
        How deeply arrays and objects may nest.
    containers
        How many arrays and objects there may be, together.
    names
        How many names there may be in all objects, together.
    """

    depth: int = 16
    containers: int = 100_000
    names: int = 400_000


DEFAULT_LIMITS = JsonLimits()


def parse_strict(raw: bytes, *, limits: JsonLimits = DEFAULT_LIMITS) -> object:
    """Parse a JSON document.

    Parameters
    ----------
    raw
        The whole document, in UTF-8.
    limits
        How much structure it may have.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None.

    Raises
    ------
    MalformedJsonError
        It is not strict JSON. The message says where, and never quotes the document.
    RequestTooLargeError
        It holds more names than the limit.
    """
    brackets = _occurrences(raw, b"{") + _occurrences(raw, b"[")
    if brackets > limits.containers:  # counted in strings too: nobody writes that many there
        raise _malformed(f"The body holds more than {limits.containers:,} arrays and objects.")
    colons = _occurrences(raw, b":")
    _refuse_many_names(colons, limits.names)
    try:
        document: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        # The second half of orjson's message is a place in characters, the first a reason.
        raise _malformed(f"The body is not JSON: {error.msg}{_place(error)}.") from None
    n_names = _count_names(document, n_brackets=brackets, max_depth=limits.depth)
    if colons != n_names:
        _refuse_repeated(raw, surplus=colons - n_names, n_names=n_names)
    return document


def _occurrences(raw: bytes, character: bytes) -> int:
    """Count a character that is rare: without it, the rest is found to be shorter by so much.

    `bytes.count` looks at every byte in turn, which takes six times as long here.
    """
    return len(raw) - len(raw.replace(character, b""))


def _refuse_many_names(colons: int, most: int) -> None:
    """Names are what costs time: each is hashed. Colons in strings count too, which are few."""
    if colons > most:
        raise RequestTooLargeError(
            f"The body holds more than {most:,} names.",
            needed=f"at most {most:,} names in all objects together.",
            remedy="send `genes` and `values`, which name every gene once, or several requests.",
        )


def _refuse_repeated(raw: bytes, *, surplus: int, n_names: int) -> None:
    """Look where there are more colons than names are left: in strings, or after repeated names."""
    if surplus > MANY_SURPLUS and (offset := _offset_of_repeated(raw)) is not None:
        raise _repeated(offset)  # cheaper than to go through a large body first
    if STRINGS.sub(b"", raw).count(b":") > n_names:
        raise _repeated(_offset_of_repeated(raw))


def _count_names(document: object, *, n_brackets: int, max_depth: int) -> int:
    """Count the names in all objects, level by level, until as many containers as brackets are met.

    What holds least is looked into first, and what holds neither arrays nor objects is seen at
    once: lists of names and of numbers are hardly looked at.
    """
    level = [document] if isinstance(document, dict | list) else []
    n_names, n_left, depth = 0, n_brackets - len(level), 1
    while level:
        if depth > max_depth:
            raise _malformed(f"The body nests arrays and objects more than {max_depth} deep.")
        n_names += sum([len(met) for met in level if type(met) is dict])
        if not n_left:
            break
        level = _inside(level, n_left)
        n_left -= len(level)
        depth += 1
    return n_names


def _inside(level: list[Container], most: int) -> list[Container]:
    """Containers in those of a level, of which there are so many at most."""
    found: list[Container] = []
    for container in sorted(level, key=len) if len(level) < FEW else level:
        values = container.values() if type(container) is dict else container
        if not CONTAINERS.isdisjoint(map(type, values)):
            found += [value for value in values if type(value) in CONTAINERS]  # type: ignore[misc]
            if len(found) >= most:
                break
    return found


def _place(error: orjson.JSONDecodeError) -> str:
    if error.pos == 0:
        return ""
    return f", at line {error.lineno}, column {error.colno}"


def _repeated(offset: int | None) -> MalformedJsonError:
    place = "" if offset is None else f", at byte {offset}"
    return _malformed(f"A name stands twice in one object{place}.")


def _offset_of_repeated(raw: bytes) -> int | None:
    """Find the first name that its object holds already; None when it stands too far back."""
    open_objects: list[set[str]] = []
    for number, mark in enumerate(MARKS.finditer(raw)):
        if number == MARKS_SEARCHED:
            return None
        string, colon = mark.groups()
        if colon:
            name = orjson.loads(string)  # two spellings of one name are one name
            if name in open_objects[-1]:
                return mark.start()
            open_objects[-1].add(name)
        elif string is None:
            if mark.group() == b"{":
                open_objects.append(set())
            else:
                open_objects.pop()
    return None


def _malformed(found: str) -> MalformedJsonError:
    return MalformedJsonError(found, needed="strict JSON.", remedy=REMEDY)
