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
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291; all else leads inside, or nowhere
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: ends with the IPv4 address meant


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

    What is no address at all is refused too.

    Raises
    ------
    WebhookError
        It is refused.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise _refused(None, str(error), "an address such as https://host/path") from error
    if not (url.isascii() and url.isprintable()):
        raise _refused(None, "it holds letters of its own", "ASCII alone, and hosts as xn--...")
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
    except (OSError, UnicodeError) as error:  # the latter for a name that none may have
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
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast
    if found.ipv4_mapped is not None or found in NAT64:
        return is_public(str(ipaddress.IPv4Address(found.packed[-4:])))
    inner = (found.sixtofour, *(found.teredo or ()))
    if not all(is_public(str(each)) for each in inner if each is not None):
        return False
    return found.is_global and found in GLOBAL_UNICAST


def _refused(host: str | None, found: str, needed: str) -> WebhookError:
    return WebhookError(
        f"No notification is sent to {(host or 'an address without a host')[:100]}: {found}.",
        needed=f"{needed}.",
        remedy="mend webhook_urls or webhook_hosts of the worker.",
    )
