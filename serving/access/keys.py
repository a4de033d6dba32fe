"""The form of an API key: made, recognised and digested here, known in full to its owner alone.

    cmk_k3v9x0qa_<43 characters: 256 random bits><6 characters: checksum>

The id is public and names the key in lists and logs. The checksum tells a mistyped key from a
wrong one without a look into the database, and lets scanners of leaked secrets know it for sure.
A plain SHA-256 is stored: the secret has 256 random bits, which no guessing of words shortens, so
that a slow hash would cost every caller and hinder no attacker.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

PREFIX = "cmk"
ID_LENGTH = 8
SECRET_LENGTH = 43  # 62**43 > 2**256
CHECKSUM_LENGTH = 6  # 62**6 > 2**32
ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o, u: read aloud without mistakes
BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
FORM = re.compile(
    rf"{PREFIX}_[{ID_ALPHABET}]{{{ID_LENGTH}}}_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}"
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made.

    Attributes
    ----------
    key_id
        Its public part.
    text
        The key in full, which nothing stores.
    """

    key_id: str
    text: str = field(repr=False)


def make_key() -> NewKey:
    """Make a key of 256 random bits."""
    key_id = "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
    secret = _base_62(secrets.randbits(256), SECRET_LENGTH)
    unsealed = f"{PREFIX}_{key_id}_{secret}"
    return NewKey(key_id, unsealed + _checksum(unsealed))


def is_well_formed(text: str) -> bool:
    """Tell whether a text has the form of a key, its checksum included."""
    if FORM.fullmatch(text) is None:
        return False
    return _checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]


def digest_of(key: bytes) -> bytes:
    """SHA-256 of a key: 32 bytes, all that is stored of it."""
    return hashlib.sha256(key).digest()


def _checksum(text: str) -> str:
    return _base_62(zlib.crc32(text.encode("ascii")), CHECKSUM_LENGTH)


def _base_62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(BASE_62[digit])
    return "".join(reversed(digits))
