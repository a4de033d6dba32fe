"""How much a file may decompress to, held while it is being read."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from features.errors import LimitError, ReadError

_RATIO_FLOOR_BYTES = 16 * 2**20
_STEP_BYTES = 2**20  # a bomb is met at most this far beyond the limit


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a file may come to.

    Attributes
    ----------
    max_bytes
        Largest size after decompression, 4 GiB.
    max_ratio
        Largest ratio of decompressed to compressed size. Real matrices stay below 30; a bomb comes
        to about 1,000. The first 16 MiB are read whatever the ratio.
    """

    max_bytes: int = 4 * 2**30
    max_ratio: float = 200.0


class BoundedReader(io.RawIOBase):
    """Passes decompressed bytes on until they exceed a limit."""

    def __init__(self, source: IO[bytes], path: Path, limits: ReadLimits) -> None:
        self._source = source
        self._path = path
        self._limits = limits
        self._n_packed = path.stat().st_size
        self._n_bytes = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with decompressed bytes; raise when a limit is passed."""
        view = memoryview(cast(bytearray, buffer))
        try:
            chunk = self._source.read(min(len(view), _STEP_BYTES))
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise broken(self._path, str(error)) from error
        self._n_bytes += len(chunk)
        self._refuse_excess()
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close the archive too."""
        self._source.close()
        super().close()

    def _refuse_excess(self) -> None:
        if self._n_bytes > self._limits.max_bytes:
            raise too_large(self._path, self._n_bytes, self._limits)
        allowed = max(_RATIO_FLOOR_BYTES, self._limits.max_ratio * self._n_packed)
        if self._n_bytes > allowed:
            raise LimitError(
                f"{self._path.name} ({self._n_packed:,} bytes) decompresses to more than "
                f"{self._n_bytes:,} bytes, as a decompression bomb does.",
                needed=f"a ratio of at most {self._limits.max_ratio:g}.",
                remedy="check where the file came from; if it is sound, decompress it yourself.",
            )


def too_large(path: Path, n_bytes: int, limits: ReadLimits) -> LimitError:
    """Return the error for a file over the limit."""
    return LimitError(
        f"{path.name} comes to {n_bytes:,} bytes or more.",
        needed=f"at most {limits.max_bytes:,} bytes after decompression.",
        remedy="keep only the genes and samples that are needed, or raise the limit (max_bytes).",
    )


def broken(path: Path, reason: str) -> ReadError:
    """Return the error for an archive that does not decompress."""
    return ReadError(
        f"{path.name} is truncated or damaged: {reason}.",
        needed="a whole gzip or zip file.",
        remedy="download or copy it again, and compare its size and checksum.",
    )
