"""What can go wrong with a download, in words."""

from __future__ import annotations

import errno
from pathlib import Path

from training.errors import ChecksumError, DownloadError


class InterruptedTransferError(DownloadError):
    """The connection broke before the whole file had arrived."""


def wrong_checksum(where: str, found: str, expected: str, remedy: str) -> ChecksumError:
    """Error for a file that is not what is on record."""
    return ChecksumError(
        f"The file from {where} has the sha256 {found}.",
        needed=f"the sha256 {expected}.",
        remedy=f"{remedy}; if it stays so, the file is damaged there, or has changed since its "
        "sha256 was put on record.",
    )


def storage_error(folder: Path, error: OSError) -> DownloadError:
    """Say what an error of the file system means for somebody who downloads."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DownloadError(
            f"The disk that holds {folder} is full.",
            needed="room for the file.",
            remedy="Free some room, or set CUPROMARK_CACHE to a folder on another disk.",
        )
    return DownloadError(
        f"Nothing can be written to {folder}: {error.strerror or error}.",
        needed="a folder that may be written to.",
        remedy="Change its permissions, or set CUPROMARK_CACHE to another folder.",
    )


def interrupted(url: str, what: str) -> InterruptedTransferError:
    """Error for a connection that broke."""
    return InterruptedTransferError(
        f"The download of {url} broke off: {what}.",
        needed="the whole file.",
        remedy="Run the command again; it goes on where it stopped if the server allows that. "
        "Without a network, set CUPROMARK_MIRROR to a folder that holds the file.",
    )


def not_data(url: str, why: str) -> DownloadError:
    """Error for a page in place of a file."""
    return DownloadError(
        f"{url} gave an HTML page instead of data: {why}.",
        needed="the file itself.",
        remedy="Open the address in a browser; a log-in, a licence page or a proxy may stand "
        "before it. Then put the file into the cache or into a mirror by hand.",
    )


def too_large(url: str, n_bytes: int, maximum_bytes: int) -> DownloadError:
    """Error for a file beyond the limit."""
    return DownloadError(
        f"{url} is larger than allowed: {n_bytes:,} bytes or more.",
        needed=f"at most {maximum_bytes:,} bytes.",
        remedy="Check the address; if the file has grown, raise maximum_bytes in the catalogue.",
    )
