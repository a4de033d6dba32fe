"""The secret of a login, and the token that pages show to prove where a request comes from.

The secret is in a cookie that no script can read; the database keeps its SHA-256 alone. What a page
shows is derived from it, under a mask that is new on every page: whoever watches how well pages
compress learns nothing of it (the attack BREACH).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets

SECRET_BYTES = 32
PROOF_BYTES = 32
FORM = re.compile(r"[0-9A-Za-z_-]{43}")  # 32 bytes in base64 without padding
PURPOSE = b"cupromark page token"


def make_secret() -> str:
    """Make a secret of 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def is_secret(text: str) -> bool:
    """Tell whether a text has the form of a secret."""
    return FORM.fullmatch(text) is not None


def secret_digest(secret: str) -> bytes:
    """SHA-256 of a secret: 32 bytes, all that is stored of it."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def page_token(secret: str) -> str:
    """Make a token for a page: another one each time, all of them good for this secret alone."""
    mask = secrets.token_bytes(PROOF_BYTES)
    return base64.urlsafe_b64encode(mask + _masked(_proof(secret), mask)).decode().rstrip("=")


def is_page_token(token: str, secret: str) -> bool:
    """Tell whether a token was made from this secret."""
    try:
        shown = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return False
    if len(shown) != 2 * PROOF_BYTES:
        return False
    mask, masked = shown[:PROOF_BYTES], shown[PROOF_BYTES:]
    return hmac.compare_digest(_masked(masked, mask), _proof(secret))


def _proof(secret: str) -> bytes:
    return hmac.digest(secret.encode("ascii"), PURPOSE, "sha256")


def _masked(content: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(content, mask, strict=True))
