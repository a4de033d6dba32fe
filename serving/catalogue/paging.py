"""Pages of a list, and cursors that hold only for the list that gave them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from serving.errors import InvalidField, InvalidRequestError

OFFSET_BYTES, DIGEST_BYTES = 4, 14


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes
    ----------
    start, stop
        Places of the first record, and behind the last one.
    next_cursor
        Asks for the page after this one; None on the last page.
    """

    start: int
    stop: int
    next_cursor: str | None


def page_of(n_records: int, *, limit: int, cursor: str | None, fingerprint: str) -> Page:
    """Find the part of a list that is asked for.

    Parameters
    ----------
    n_records
        Length of the whole list.
    limit
        Most records on a page.
    cursor
        From the page before; None for the first page.
    fingerprint
        Changes whenever the list, its filters or its order do.

    Raises
    ------
    InvalidRequestError
        The cursor was not made here, or for another list.
    """
    start = 0 if cursor is None else _offset_of(cursor, fingerprint)
    stop = min(start + limit, n_records)
    return Page(start, stop, _cursor(stop, fingerprint) if stop < n_records else None)


def _cursor(offset: int, fingerprint: str) -> str:
    """Text of an offset; nobody gains by forging one, so its digest has no key."""
    place = offset.to_bytes(OFFSET_BYTES, "big")
    digest = hashlib.blake2b(place + fingerprint.encode(), digest_size=DIGEST_BYTES).digest()
    return base64.urlsafe_b64encode(place + digest).decode()


def _offset_of(cursor: str, fingerprint: str) -> int:
    try:
        place = base64.urlsafe_b64decode(cursor.encode())[:OFFSET_BYTES]
    except (ValueError, binascii.Error):
        place = b""
    offset = int.from_bytes(place, "big")
    if len(place) == OFFSET_BYTES and _cursor(offset, fingerprint) == cursor:
        return offset
    raise InvalidRequestError(
        "The cursor does not belong to this list.",
        needed="a cursor of the page before, with the same filters and the same bundle.",
        remedy="begin again without a cursor.",
        errors=[InvalidField("?cursor", "is no cursor of this list as it is now")],
    )
