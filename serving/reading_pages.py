"""Pages to read: rendered here, with one style sheet of their own and nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from serving.pages.assets import load_assets
from serving.pages.plotly_file import plotly_file
from serving.private import PRIVATE

if TYPE_CHECKING:
    from jinja2 import Environment

Responses = dict[int | str, dict[str, Any]]  # as FastAPI takes them
FOLDER = Path(__file__).with_name("templates")
# The same address shows other things to another visitor, and nothing of them stays behind.
OWN = {**PRIVATE, "Vary": "Authorization, X-API-Key, Cookie"}


def page(request: Request, template: str, **values: Any) -> Response:
    """Render a template of `serving/templates` as an HTML answer."""
    root = request.scope.get("root_path", "")
    static = f"{root}/static/{load_assets().version}"
    asked = request.url.path.removeprefix(root) + (request.url.query and f"?{request.url.query}")
    shown = {"root": root, "static": static, "address": asked, **values}
    html = _environment().get_template(template).render(shown)
    return Response(html, media_type="text/html", headers=OWN)


def style_sheet() -> Response:
    """Return the style sheet of the pages."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response((FOLDER / "reading.css").read_text(), media_type="text/css", headers=headers)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader  # costs 40 ms, and the first answer is near

    made = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True)
    made.globals["plotly_file"] = plotly_file
    return made
