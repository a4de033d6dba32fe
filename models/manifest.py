"""The table of contents of a bundle: what each file is, to the bit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.archive import json_bytes, read_json
from models.errors import BundleDamagedError, BundleError

MANIFEST = "manifest.json"
FORMAT_VERSION = 2
READABLE_VERSIONS = (1, 2)
FILE_NAME = re.compile(r"(boosters/)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Contents of a bundle.

    Attributes
    ----------
    format_version
        Which loader reads it.
    files
        sha256 of every other file, by name.
    about
        What a listing shows without loading: cohort, drugs, created_at ...
    sha256
        Hash of the content: of the names and hashes of all files but the boosters, which are kept
        for audit and answer nothing. What is in `about` does not count.
    """

    format_version: int
    files: dict[str, str]
    about: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Hash of what the bundle answers from."""
        content = [[name, self.files[name]] for name in sorted(self.files) if "/" not in name]
        return sha256_of(json_bytes([self.format_version, content]))

    def to_bytes(self) -> bytes:
        """Canonical JSON that carries its own hash."""
        content = {
            "format_version": self.format_version,
            "bundle_sha256": self.sha256,
            "files": self.files,
            "about": self.about,
        }
        own = sha256_of(json_bytes(content, sort_keys=True))
        return json_bytes({**content, "manifest_sha256": own}, sort_keys=True)


def sha256_of(raw: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(raw).hexdigest()


def make_manifest(files: Mapping[str, bytes], about: dict[str, Any]) -> Manifest:
    """Manifest of the files of a bundle in the present format."""
    hashes = {name: sha256_of(raw) for name, raw in sorted(files.items())}
    return Manifest(FORMAT_VERSION, hashes, about)


def parse_manifest(raw: bytes) -> Manifest:
    """Read a manifest; anything but what `to_bytes` wrote, byte for byte, is damage.

    The manifest's own hash comes before its format version, so that a damaged manifest is not
    taken for one of another version.
    """
    try:
        content = read_json(raw)
        own = content.pop("manifest_sha256")
        whole = own == sha256_of(json_bytes(content, sort_keys=True))
        whole = whole and raw == json_bytes({**content, "manifest_sha256": own}, sort_keys=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(MANIFEST, f"cannot be read ({error})") from error
    if not whole:
        raise damaged(MANIFEST, "was changed after it was written")
    _check_format(content.get("format_version"))
    try:
        manifest = Manifest(
            content["format_version"], dict(content["files"]), dict(content["about"])
        )
        _check_names(manifest.files)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(MANIFEST, f"lists what a bundle does not hold ({error})") from error
    if content.get("bundle_sha256") != manifest.sha256:
        raise damaged(MANIFEST, "gives a hash of the bundle that its files do not have")
    return manifest


def damaged(file: str, what: str) -> BundleDamagedError:
    """Make the error that names the damaged file."""
    return BundleDamagedError(
        f"{file} {what}.",
        needed="the files of the bundle exactly as they were written.",
        remedy="fetch the bundle again, or go back to the last good version.",
    )


def _check_format(format_version: object) -> None:
    if format_version not in READABLE_VERSIONS or isinstance(format_version, bool):
        raise BundleError(
            f"A bundle in format {format_version}.",
            needed=f"one of the formats {READABLE_VERSIONS}, which this version reads.",
            remedy="use the version of cupromark that wrote the bundle, or train anew.",
        )


def _check_names(files: dict[str, str]) -> None:
    for name, sha256 in files.items():
        if not FILE_NAME.fullmatch(name) or name == MANIFEST:
            raise ValueError(f"a file name that is not allowed: {name!r}")
        if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
            raise ValueError(f"no sha256 for {name}")
