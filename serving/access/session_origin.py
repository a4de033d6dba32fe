"""Whether a request that a cookie speaks for comes from a page of this service.

A browser adds cookies to whatever it sends, no matter who made it send that. So a request that may
change something has to say more than its cookie does: where it comes from, and a token that only
pages of this service show.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from serving.access.credentials import RawHeaders
from serving.access.session_tokens import is_page_token
from serving.errors import CrossSiteError

HEADER = b"x-csrf-token"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
PORTS = {"http": 80, "https": 443}
OWN_PAGE = "a request that a page of this service makes."
LOAD_AGAIN = "load the page again, and try once more; programs send an API key instead of a cookie."


def refuse_foreign(headers: RawHeaders, method: str, secret: str) -> None:
    """Let a request through that only reads, or that a page of this service makes.

    Parameters
    ----------
    headers
        As ASGI gives them.
    method
        Of HTTP.
    secret
        Of the login, from the cookie.

    Raises
    ------
    CrossSiteError
        If it comes from a page of another site, or does not show the token of this login.
    """
    if method in READING:
        return
    refuse_other_origins(headers)
    tokens = [value.decode("latin-1") for name, value in headers if name == HEADER]
    if len(tokens) != 1 or not is_page_token(tokens[0], secret):
        raise token_error("in the header X-CSRF-Token")


def refuse_other_origins(headers: RawHeaders) -> None:
    """Let a request through that says it comes from a page of this host.

    Raises
    ------
    CrossSiteError
        If it comes from elsewhere, or does not say from where.
    """
    said = {name: value.decode("latin-1") for name, value in headers if name in _SAYING}
    origin, site = said.get(b"origin"), said.get(b"sec-fetch-site")
    if site not in (None, "same-origin") or (origin is None and site is None):
        raise _foreign_error()
    # Without a referrer a browser writes `null` in a form's request, and says the rest itself.
    if origin == "null" and site == "same-origin":
        return
    if origin is not None and not _is_same_host(origin, said.get(b"host", "")):
        raise _foreign_error()


def token_error(where: str) -> CrossSiteError:
    """Refuse a request that does not show the token of its login."""
    return CrossSiteError(
        f"The request does not show the token of this login {where}.",
        needed="the token that the pages of this login show, which changes with every login.",
        remedy=LOAD_AGAIN,
    )


_SAYING = frozenset({b"origin", b"sec-fetch-site", b"host"})


def _foreign_error() -> CrossSiteError:
    return CrossSiteError(
        "The request does not come from a page of this service.",
        needed=OWN_PAGE,
        remedy=f"{LOAD_AGAIN} A proxy has to pass the header Host on as it came.",
    )


def _is_same_host(origin: str, host: str) -> bool:
    """Compare host and port; the scheme is the browser's to know where a proxy ends TLS."""
    port = PORTS.get(origin.partition(":")[0])
    try:
        one, other = urlsplit(origin), urlsplit(f"//{host}")
        pairs = [(each.hostname, each.port or port) for each in (one, other)]
    except ValueError:
        return False
    return port is not None and one.hostname is not None and pairs[0] == pairs[1]
