"""Where a login leads to: an address of this service, never one of another site."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import Request

LONGEST = 2_000
# What RFC 3986 lets stand in a path and a query. `%` is there already where it has to be.
SAFE = "/?:@!$&'()*+,;=-._~%"
DOORS = ("/login", "/logout")


def next_page(text: str | None) -> str:
    r"""Read where to go after a login; the front page where that is nowhere on this service.

    Browsers take `//host`, `/\host` and, past blanks and control characters, much else for an
    address of another host; a line break would begin another header.
    """
    if text is None or not text.startswith("/") or len(text) > LONGEST:
        return "/"
    if text.startswith("//") or "\\" in text or not text.isprintable():
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path in DOORS:
        return "/"
    address = quote(text, safe=SAFE + "#")
    return "/" if len(address) > LONGEST or address.startswith("//") else address


def login_address(request: Request) -> str:
    """Give the address of the login that leads back to the page that was asked for."""
    root = request.scope.get("root_path", "")
    asked = request.url.path.removeprefix(root)
    if request.url.query:
        asked += f"?{request.url.query}"
    following = next_page(asked)
    return f"{root}/login" + ("" if following == "/" else f"?next={quote(following, safe='/')}")
