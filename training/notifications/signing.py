"""Signatures of notifications, in the form of the Standard Webhooks specification.

Three headers: `webhook-id`, `webhook-timestamp` and `webhook-signature`, the last one
`v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

TOLERANCE_SECONDS = 300.0
SECONDS = re.compile("[0-9]{1,12}")


def signed_headers(secret: str, message_id: str, body: bytes, *, now: float) -> dict[str, str]:
    """Give the headers that prove a body.

    Parameters
    ----------
    now
        Seconds since 1970: a receiver refuses what is old.
    """
    timestamp = str(int(now))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


def is_genuine(secret: str, headers: dict[str, str], body: bytes, *, now: float) -> bool:
    """Whether a receiver should believe a notification: signed by us, and not minutes ago."""
    timestamp = headers.get("webhook-timestamp", "")
    is_number = SECONDS.fullmatch(timestamp) is not None
    if not is_number or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = f"v1,{_signature(secret, headers.get('webhook-id', ''), timestamp, body)}".encode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(each.encode(), expected) for each in given)


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
