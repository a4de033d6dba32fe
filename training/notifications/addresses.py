"""Which addresses a notification may go to: hosts that were allowed, and nothing behind a wall."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from training.errors import TrainingError

Resolve = Callable[[str, int], Sequence[str]]
HTTPS_PORT = 443


class WebhookError(TrainingError):
    """A notification that must not, or cannot, be sent to its address."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address after its host was looked up and found to be allowed.

    Attributes
    ----------
    host
        As it was written; what the certificate must name.
    address
        IP address that was checked, and is connected to.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: str


def look_up(host: str, port: int) -> list[str]:
    """Give the IP addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def check_url(url: str, hosts: Sequence[str], *, schemes: Sequence[str] = ("https",)) -> None:
    """Refuse an address by its form: another scheme, a host that is not allowed, a login in it.

    Raises
    ------
    WebhookError
        It is refused.
    """
    parts = urlsplit(url)
    if parts.scheme not in schemes:
        raise _refused(parts.hostname, f"its scheme is {parts.scheme[:20]!r}", f"{schemes[0]}://")
    if parts.username is not None or parts.password is not None:
        raise _refused(parts.hostname, "it holds a login", "an address without one")
    if parts.hostname is None or parts.hostname.lower() not in {host.lower() for host in hosts}:
        raise _refused(parts.hostname, "its host is not allowed", "a host of webhook_hosts")


def destination_of(
    url: str,
    hosts: Sequence[str],
    *,
    resolve: Resolve = look_up,
    schemes: Sequence[str] = ("https",),
    is_allowed: Callable[[str], bool] | None = None,
) -> Destination:
    """Look an address up and check every IP address of its host.

    What is connected to is what was checked, so that a name may change meanwhile.

    Parameters
    ----------
    hosts
        Allowed hosts.
    resolve
        Gives the IP addresses of a host.
    is_allowed
        Whether an IP address may be connected to; public ones alone by default.

    Raises
    ------
    WebhookError
        It is refused, or the host is not known.
    """
    check_url(url, hosts, schemes=schemes)
    parts = urlsplit(url)
    host = str(parts.hostname)
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    try:
        addresses = list(resolve(host, port))
    except OSError as error:
        raise WebhookError(
            f"The host {host} cannot be looked up: {error}.",
            needed="a host that is known.",
            remedy="it is tried again later; see that its name is right.",
        ) from error
    may = is_allowed or is_public
    inside = [address for address in addresses if not may(address)]
    if inside or not addresses:
        raise _refused(host, f"it leads to {', '.join(inside) or 'no address'}", "a public address")
    path = parts.path or "/"
    return Destination(
        parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, addresses[0]
    )


def is_public(address: str) -> bool:
    """Whether an IP address is on the internet: not private, loopback, link-local or reserved."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    for inner in (getattr(found, "sixtofour", None), *(getattr(found, "teredo", None) or ())):
        if inner is not None and not is_public(str(inner)):
            return False
    return found.is_global and not found.is_multicast


def _refused(host: str | None, found: str, needed: str) -> WebhookError:
    return WebhookError(
        f"No notification is sent to {(host or 'an address without a host')[:100]}: {found}.",
        needed=f"{needed}.",
        remedy="mend webhook_urls or webhook_hosts of the worker.",
    )
