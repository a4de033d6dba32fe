"""Where files are looked for, and what is known of one that was found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pooch

from training.mirror import MANIFEST_NAME

Origin = Literal["mirror", "cache", "download", "user"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is at hand, what it holds to the last byte, and whose it is.

    Attributes
    ----------
    complete
        False when a mirror says that it holds a part of the official file only; None when unknown.
    """

    name: str
    path: Path
    sha256: str
    n_bytes: int
    origin: Origin
    complete: bool | None
    citation: str
    licence: str


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Where files are looked for.

    Attributes
    ----------
    mirror
        Folder or address that stands in for the internet; None for none.
    cache
        Folder that keeps downloads.
    """

    mirror: str | None
    cache: Path

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        checkout: Path | None = None,
    ) -> FileSettings:
        """Take the settings from CUPROMARK_MIRROR and CUPROMARK_CACHE.

        Without CUPROMARK_MIRROR, the folder `shared/data` beside the checkout is the mirror when it
        holds a MANIFEST.json. An empty CUPROMARK_MIRROR means no mirror at all.
        """
        values = os.environ if environment is None else environment
        cache = values.get("CUPROMARK_CACHE")
        mirror = values.get("CUPROMARK_MIRROR")
        if mirror is None:
            mirror = _mirror_beside(checkout or Path(__file__).resolve().parents[1])
        return cls(
            mirror=mirror or None,
            cache=Path(cache).expanduser() if cache else Path(pooch.os_cache("cupromark")),
        )


def _mirror_beside(checkout: Path) -> str | None:
    folder = checkout.parent / "shared" / "data"
    return str(folder) if (folder / MANIFEST_NAME).is_file() else None
