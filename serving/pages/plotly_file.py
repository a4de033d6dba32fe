"""Plotly's script for the browser, as its Python package brings it: served by us, and kept.

Plotly would write two style elements of its own, which our Content-Security-Policy forbids. Pages
with plots hold an element by the id of each (`templates/pages/plots_head.html`): it then writes
neither, and `static/plots.css` says what plots need.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import brotli
from fastapi import Request, Response

from serving.errors import NotFoundError
from serving.middleware.compression import accepted_encoding

NAME = "plotly.min.js"
FOR_EVER = "public, max-age=31536000, immutable"
# Of the style sheet of maps, the only other one that the script brings.
OWN_STYLE = re.compile(
    rb'getElementById\("([0-9a-f]{64})"\)\)\{var \w+=document\.createElement\("style"\)'
)
BROTLI_QUALITY, GZIP_LEVEL = 5, 6


@dataclass(frozen=True, slots=True)
class PlotlyFile:
    """What pages have to know of the script.

    Attributes
    ----------
    address
        Below the root of the site; it changes with the content.
    version
        Start of the SHA-256 of the content.
    own_styles
        Ids of style elements that the script leaves out where an element with the id is there.
    """

    address: str
    version: str
    own_styles: tuple[str, ...]


@cache
def plotly_file() -> PlotlyFile:
    """Look at the script, once a process and not before the first page with plots.

    Raises
    ------
    NotFoundError
        The Python package is not installed.
    """
    content = _path().read_bytes()
    version = hashlib.sha256(content).hexdigest()[:16]
    found = dict.fromkeys(name.decode("ascii") for name in OWN_STYLE.findall(content))
    return PlotlyFile(f"/static/{version}/{quote(NAME)}", version, tuple(found))


def answer_plotly(request: Request, version: str) -> Response:
    """Give the script, compressed once; to be kept for ever where the version is its own."""
    encoding = accepted_encoding(request.headers.raw)
    caching = FOR_EVER if version == plotly_file().version else "no-cache"
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    return Response(_content(encoding), media_type="text/javascript", headers=headers)


@cache
def _content(encoding: str | None) -> bytes:
    content = _path().read_bytes()
    if encoding == "br":
        return bytes(brotli.compress(content, quality=BROTLI_QUALITY))
    if encoding == "gzip":
        encoder = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        return encoder.compress(content) + encoder.flush()
    return content


def _path() -> Path:
    # Looked up, never imported: the package costs time and memory, and only its file is needed.
    package = importlib.util.find_spec("plotly")
    folders = [] if package is None else package.submodule_search_locations or []
    for folder in folders:
        path = Path(folder) / "package_data" / NAME
        if path.is_file():
            return path
    raise NotFoundError(
        "The script that draws plots is not installed.",
        needed="the Python package plotly, with its file package_data/plotly.min.js.",
        remedy="install what requirements/runtime.lock lists.",
    )
