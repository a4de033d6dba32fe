"""Style sheets and scripts of the pages, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import Response

from models.cards.palette import DARK, LIGHT, TYPE, declared
from models.cards.style import CARD_CSS
from models.reports.report_style import REPORT_CSS
from serving.errors import NotFoundError

FOLDER = Path(__file__).parents[1] / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
TOKENS_CSS = (
    f":root {{ {declared(LIGHT)} {declared(TYPE)} }}\n"
    f"@media (prefers-color-scheme: dark) {{ :root {{ {declared(DARK)} }} }}\n"
)
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """All files, and one version for them: a script finds the others beside it by their names.

    Attributes
    ----------
    version
        Start of the SHA-256 of all of them.
    contents
        Content by name.
    """

    version: str
    contents: Mapping[str, bytes]

    def answer(self, version: str, name: str) -> Response:
        """Give a file; to be kept for ever where the version is that of the content.

        Raises
        ------
        NotFoundError
            There is no such file.
        """
        content = self.contents.get(name)
        if content is None:
            raise NotFoundError(
                "There is no such file.",
                needed="the name of a file that a page refers to.",
                remedy="load the page again.",
            )
        # A page of another version may still be open: it gets what there is, and keeps none of it.
        caching = FOR_EVER if version == self.version else "no-cache"
        media_type = MEDIA_TYPES[Path(name).suffix]
        return Response(content, media_type=media_type, headers={"Cache-Control": caching})


@cache
def load_assets() -> Assets:
    """Read all files, once a process and not before the first page."""
    contents = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}
    contents["cards.css"] = (TOKENS_CSS + CARD_CSS).encode()
    contents["report.css"] = REPORT_CSS.encode()
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return Assets(digest.hexdigest()[:16], contents)
