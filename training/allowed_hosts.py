"""Opening of addresses at allowed hosts only, also after a redirect."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from training.errors import DownloadError
from training.transfer_errors import interrupted

TIMEOUT_SECONDS = 60


def check_host(url: str, allowed_hosts: frozenset[str]) -> None:
    """Refuse an address that is not HTTP(S) or whose host is not on the list."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.hostname not in allowed_hosts:
        raise DownloadError(
            f"{url} is at a host that is not allowed ({parts.scheme}://{parts.hostname}).",
            needed=f"http or https at one of {', '.join(sorted(allowed_hosts))}.",
            remedy="Check where the address leads; if the publisher has moved, mend the catalogue.",
        )


class _AllowedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to an allowed host only, and never from https to http."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self.allowed_hosts = allowed_hosts

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Check the new address, then follow as usual."""
        try:
            self._check(req, newurl)
        except DownloadError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def _check(self, req: urllib.request.Request, newurl: str) -> None:
        check_host(newurl, self.allowed_hosts)
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise DownloadError(
                f"{req.full_url} redirects from https to {newurl}.",
                needed="a redirect that stays on https.",
                remedy="Check where the address leads; if the publisher has moved, mend the "
                "catalogue.",
            )


def open_url(
    url: str,
    headers: Mapping[str, str],
    allowed_hosts: frozenset[str],
    *,
    is_question: bool = False,
) -> Any:
    """Open an address, following redirects to allowed hosts; the response is read as a file.

    Parameters
    ----------
    is_question
        Whether "304 Not Modified" is an answer; it is an error where the file itself is wanted.

    Raises
    ------
    DownloadError
        The address cannot be reached, or answers an error.
    """
    opener = urllib.request.build_opener(_AllowedRedirects(allowed_hosts))
    # Compression on the way would make Content-Length and ranges mean something else.
    plain = {"User-Agent": "cupromark", "Accept-Encoding": "identity", **headers}
    request = urllib.request.Request(url, headers=plain)  # noqa: S310 (scheme checked before)
    try:
        return opener.open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if is_question and error.code == http.HTTPStatus.NOT_MODIFIED:
            return error
        error.close()
        raise DownloadError(
            f"{url} answered {error.code} {error.reason}.",
            needed="the file.",
            remedy="Try again later; if it is gone, put the file into the cache or into a mirror "
            "by hand (`cupromark data list` says where).",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise interrupted(url, str(getattr(error, "reason", error))) from error
