"""Why a bundle is not served, in words that may be shown to any caller."""

from __future__ import annotations

import re

from features.errors import CupromarkError

CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"]+", re.IGNORECASE)
# From a slash that starts a word to the last part of the path, which says which file it was.
PATH = re.compile(r"(?<![\w.])(?:/[^\s/'\":,;]+)*/(?=[^\s/'\":,;])")
MAXIMUM_LENGTH = 500


def reason_of(error: CupromarkError) -> str:
    """Say what an error says, without addresses, passwords and folders."""
    return without_places(f"{error.found} Needed: {error.needed} What to do: {error.remedy}")


def without_places(text: str) -> str:
    """Take addresses out, and leave only the last part of each path."""
    plain = ADDRESS.sub("its address", CREDENTIALS.sub("", text))
    return PATH.sub("", plain)[:MAXIMUM_LENGTH]
