"""What the child that watches the store says to the service, one JSON object a line, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """One registered version, as listings show it.

    Attributes
    ----------
    version
        Its number, as text.
    sha256
        Of the bundle.
    aliases
        Such as champion, challenger, previous_champion.
    created_at
        Seconds since 1970.
    tags
        cohort, simulated, n_drugs and whatever was passed on registration.
    """

    version: str
    sha256: str
    aliases: tuple[str, ...]
    created_at: float
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """The store answered: its versions, newest first, and the one to serve, if there is one."""

    target: str | None
    versions: tuple[KnownVersion, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """The store answered as it did before."""


@dataclass(frozen=True, slots=True)
class Working:
    """Something that takes its time begins: a sign of life."""

    version: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A version is in the cache, verified, and gave its golden answers."""

    version: str
    sha256: str
    folder: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A version cannot be fetched, or must not be served."""

    version: str
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The store did not answer, or is not there."""

    reason: str


Message = Listed | Checked | Working | Fetched | Refused | Unreachable


@dataclass(frozen=True, slots=True)
class Orders:
    """First line to the child: what to watch. It goes through a pipe, as it may hold a password.

    Attributes
    ----------
    version_or_alias
        What is to be served.
    poll_seconds
        Between two looks at the store.
    proved
        sha256 of bundles that gave their golden answers already.
    """

    tracking_uri: str
    cache: str
    name: str
    version_or_alias: str
    poll_seconds: float
    proved: tuple[str, ...]


def to_line(message: Message | Orders) -> bytes:
    """One line of JSON."""
    content = {"event": type(message).__name__.lower(), **asdict(message)}
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def parse_message(line: bytes) -> Message:
    """Read what the child said.

    Raises
    ------
    ValueError
        It is not a message.
    """
    try:
        content = json.loads(line)
        made = PARSERS[content.pop("event")](**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message of the fetcher: {line[:80]!r}") from error
    return made


def parse_orders(line: bytes) -> Orders:
    """Read the first line that the child gets."""
    content = json.loads(line)
    content.pop("event")
    return Orders(**{**content, "proved": tuple(content["proved"])})


def _listed(target: str | None, versions: list[dict[str, Any]]) -> Listed:
    known = [KnownVersion(**{**one, "aliases": tuple(one["aliases"])}) for one in versions]
    return Listed(target, tuple(known))


PARSERS: dict[str, Callable[..., Message]] = {
    "listed": _listed,
    "checked": Checked,
    "working": Working,
    "fetched": Fetched,
    "refused": Refused,
    "unreachable": Unreachable,
}
