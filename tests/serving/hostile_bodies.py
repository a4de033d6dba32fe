"""Bodies that a careless service stumbles over, for any route that takes profiles as JSON.

Each is refused with a 4xx of less than 16 KiB that repeats nothing of what is sent: CANARY and
31337 stand where values are.
"""

import gzip
import zlib
from dataclasses import dataclass, field

import brotli

MIB = 1024 * 1024
HIDDEN = (b"CANARY", b"31337")
GOOD = b'{"scale": "log2_tpm", "genes": ["TP53"], "values": [[5.5]]}'


@dataclass(frozen=True)
class HostileBody:
    """One body, and the headers that it comes with beside Content-Type: application/json."""

    name: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def _values(*cells: bytes) -> bytes:
    """A body that would be good, were it not for the cells of its only row."""
    genes = b", ".join(b'"G%d"' % number for number in range(len(cells)))
    return b'{"scale": "log2_tpm", "genes": [%s], "values": [[%s]]}' % (genes, b", ".join(cells))


def _with(member: bytes) -> bytes:
    """A good body with one member more."""
    return GOOD[:-1] + b", " + member + b"}"


TEXTS = {
    "empty": b"",
    "white space": b" \n\t ",
    "null bytes": b"\0\0\0\0",
    "null": b"null",
    "true": b"true",
    "a number": b"31337",
    "a string": b'"CANARY"',
    "an array": b"[31337, 31337]",
    "an empty object": b"{}",
    "an empty array": b"[]",
    "cut off": GOOD[:-5],
    "cut off in a string": b'{"scale": "CANARY',
    "cut off in an escape": b'{"scale": "CANARY\\u00',
    "two documents": GOOD + GOOD,
    "rubbish after it": GOOD + b"CANARY",
    "trailing comma": GOOD[:-1] + b",}",
    "single quotes": b"{'scale': 'CANARY'}",
    "comment": b"/* CANARY */" + GOOD,
    "line comment": GOOD + b"\n// CANARY",
    "unquoted name": b'{scale: "CANARY"}',
    "number as a name": b'{31337: "CANARY"}',
    "form": b"scale=CANARY&values=31337",
    "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'CANARY'>]><x>&y;</x>",
    "pickle": b"\x80\x04\x95CANARY.",
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "Latin-1": '{"scale": "CANARYé"}'.encode("latin-1"),
    "overlong UTF-8": b'{"scale": "\xc0\xaeCANARY"}',
    "surrogate in UTF-8": b'{"scale": "CANARY\xed\xa0\x80"}',
    "beyond Unicode": b'{"scale": "CANARY\xf5\x80\x80\x80"}',
    "lone high surrogate": b'{"scale": "CANARY\\ud800"}',
    "lone low surrogate": b'{"scale": "CANARY\\udc00"}',
    "surrogates the wrong way round": b'{"scale": "CANARY\\udc00\\ud800"}',
    "lone surrogate in a name": _with(b'"\\ud800": "CANARY"'),
    "raw line break in a string": b'{"scale": "CANARY\n"}',
    "raw tab in a string": b'{"scale": "CANARY\t"}',
    "unknown escape": b'{"scale": "CANARY\\x41"}',
    "NaN": _values(b"NaN", b"31337"),
    "Infinity": _values(b"Infinity", b"31337"),
    "-Infinity": _values(b"-Infinity", b"31337"),
    "nan": _values(b"nan", b"31337"),
    "NaN as text": _values(b'"NaN"', b"31337"),
    "1e400": _values(b"1e400", b"31337"),
    "-1e400": _values(b"-1e400", b"31337"),
    "1e99999999999": _values(b"1e99999999999", b"31337"),
    "5,000 digits": _values(b"31337" * 1_000),
    "100,000 digits": _values(b"31337" * 20_000),
    "leading zero": _values(b"031337"),
    "leading plus": _values(b"+31337"),
    "hexadecimal": _values(b"0x31337"),
    "underscores": _values(b"31_337"),
    "no digit after the point": _values(b"31337."),
    "no digit before the point": _values(b".31337"),
    "true as a number": _values(b"true", b"31337"),
    "false as a number": _values(b"false", b"31337"),
    "null as a number": _values(b"null", b"31337"),
    "text as a number": _values(b'"31337"'),
    "array as a number": _values(b"[31337]"),
    "object as a number": _values(b'{"CANARY": 31337}'),
    "values as an object": b'{"scale": "log2_tpm", "genes": ["A"], "values": {"CANARY": 31337}}',
    "values as text": b'{"scale": "log2_tpm", "genes": ["A"], "values": "CANARY"}',
    "numbers as genes": b'{"scale": "log2_tpm", "genes": [31337], "values": [[5.5]]}',
    "true as a scale": b'{"scale": true, "genes": ["A"], "values": [[31337]]}',
    "no such scale": b'{"scale": "CANARY", "genes": ["A"], "values": [[31337]]}',
    "unknown member": _with(b'"surprise": "CANARY"'),
    "prototype": _with(b'"__proto__": {"CANARY": 31337}'),
    "name twice": _with(b'"scale": "CANARY"'),
    "name twice, spelt in two ways": _with(b'"sc\\u0061le": "CANARY"'),
    "name twice, far inside": _with(b'"a": [{"b": {"c": 31337, "c": 31337}}]'),
    "name twice beside colons": _with(b'"a": {"b": ":::", "b": "CANARY"}'),
    "empty name twice": _with(b'"": "CANARY", "": "CANARY"'),
    "deep arrays": b"[" * 500 + b"31337" + b"]" * 500,
    "deeper arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 500 + b"31337" + b"}" * 500,
    "deep in a member": _with(b'"a": ' + b"[" * 100 + b"]" * 100),
    "many arrays": _with(b'"a": [' + b"[]," * 150_000 + b"[]]"),
    "many objects": _with(b'"a": [' + b"{}," * 150_000 + b"{}]"),
    "many unknown names": b"{" + b",".join(b'"n%d": 31337' % n for n in range(20_000)) + b"}",
    "many wrong cells": _values(*[b'"CANARY"'] * 20_000),
    "a long name": _with(b'"' + b"n" * 100_000 + b'": "CANARY"'),
    "a long scale": b'{"scale": "' + b"CANARY" * 100_000 + b'"}',
    "only backslashes": b'{"scale": "' + b"\\\\" * 100_000,
    "only quotes": b'"' * 100_001,
    "only colons": b":" * 100_000,
    "larger than the limit": b'{"scale": "' + b" " * (2 * MIB) + b'"}',
    "larger, all white space": b" " * (2 * MIB) + GOOD,
}  # fmt: skip
ENCODED = {
    "unknown encoding": (GOOD, "compress"),
    "two encodings": (gzip.compress(gzip.compress(GOOD)), "gzip, gzip"),
    "not gzip at all": (GOOD, "gzip"),
    "not br at all": (b"CANARY" * 100, "br"),
    "not deflate at all": (GOOD, "deflate"),
    "gzip that ends early": (gzip.compress(GOOD)[:-6], "gzip"),
    "br that ends early": (brotli.compress(GOOD)[:-3], "br"),
    "gzip with rubbish after it": (gzip.compress(GOOD) + b"CANARY", "gzip"),
    "gzip with a wrong checksum": (gzip.compress(GOOD)[:-8] + b"CANARY!!", "gzip"),
    "gzip of nothing": (b"", "gzip"),
    "gzip bomb": (gzip.compress(b" " * (64 * MIB)), "gzip"),
    "br bomb": (brotli.compress(b" " * (64 * MIB), quality=5), "br"),
    "deflate bomb": (zlib.compress(b" " * (64 * MIB)), "deflate"),
    "gzip of NaN": (gzip.compress(_values(b"NaN", b"31337")), "gzip"),
}  # fmt: skip
TYPED = {
    "plain text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "no such type": "application/x-canary",
    "no type at all": "",
    "XML by type": "application/xml",
    "rubbish for a type": ";;;=;",
}

HOSTILE_BODIES = (
    *(HostileBody(name, body) for name, body in TEXTS.items()),
    *(
        HostileBody(name, body, {"Content-Encoding": encoding})
        for name, (body, encoding) in ENCODED.items()
    ),
    *(
        HostileBody(f"typed {name}", _values(b"NaN", b"31337"), {"Content-Type": media_type})
        for name, media_type in TYPED.items()
    ),
)
