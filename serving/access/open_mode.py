"""Open mode: no key is asked for, and therefore nobody but this computer's user is answered.

Listening on a loopback address is not enough. A web page in the user's browser can reach it under
a name of its own that it lets point to 127.0.0.1, and a proxy on this computer can pass on what
came from elsewhere. Both show in the headers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from serving.access.callers import OPEN_MODE_CALLER, Caller
from serving.access.credentials import RawHeaders
from serving.errors import ForbiddenError

FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")
HEADER = (b"x-cupromark-open-mode", b"true")


def open_mode_caller(
    headers: RawHeaders, client_host: str | None, *, allowed_origins: Collection[str] = ()
) -> Caller:
    """Let in whoever calls from this computer and of its user's own accord.

    Raises
    ------
    ForbiddenError
        If the request comes from elsewhere, or from a page of another site.
    """
    if client_host is not None and not _is_loopback(client_host):
        raise _refused("The request comes from another computer.")
    for name, value in headers:
        if name in FORWARDED:
            raise _refused("The request was passed on by a proxy.")
        if name == b"host" and not _is_loopback(_host_of(b"//" + value)):
            raise _refused("The request was sent to a name that is not this computer's own.")
        if name == b"origin" and not (
            value.decode("latin-1") in allowed_origins or _is_loopback(_host_of(value))
        ):
            raise _refused("The request comes from a page of another site.")
    return OPEN_MODE_CALLER


@lru_cache(maxsize=256)
def _host_of(address: bytes) -> str:
    try:
        return urlsplit(address.decode("latin-1")).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(found: str) -> ForbiddenError:
    return ForbiddenError(
        found,
        needed="in open mode, a request from this computer to http://127.0.0.1 or localhost.",
        remedy="make a key with `cupromark keys create` and start the service without open mode.",
    )
