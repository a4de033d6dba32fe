"""A folder of fetched bundles, one a sha256: verified when they come and when they are used."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from models.bundle_files import verify_bundle
from models.errors import BundleError, StoreError
from models.manifest import SHA256


def fetched(cache: Path, version: str, sha256: str, download: Callable[[Path], Path]) -> Path:
    """Folder of a verified bundle; downloaded when it is not in the cache, or damaged there.

    Parameters
    ----------
    version
        For messages.
    sha256
        Of the bundle that was registered under it.
    download
        Puts the bundle below a folder and says where.

    Raises
    ------
    StoreError
        The version does not say which bundle it holds, holds another one, or the cache cannot be
        written.
    BundleDamagedError
        What came is damaged.
    """
    if not SHA256.fullmatch(sha256):  # it becomes the name of a folder
        raise StoreError(
            f"Version {version} does not say which bundle it holds.",
            needed="the tag bundle_sha256, as registration sets it.",
            remedy="register the bundle again with BundleStore.register.",
        )
    folder = cache / sha256
    if _is_whole(folder, sha256):
        return folder
    try:
        _download(folder, version, download)
    except OSError as error:
        raise StoreError(
            f"Version {version} cannot be kept in {cache}: {error.strerror or error}.",
            needed="a cache folder that can be written, with enough space.",
            remedy="mend that, or name another cache.",
        ) from error
    return folder


def _download(folder: Path, version: str, download: Callable[[Path], Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as partial:
        downloaded = download(Path(partial))
        if verify_bundle(downloaded).sha256 != folder.name:
            raise StoreError(
                f"Version {version} holds another bundle than the one registered.",
                needed=f"the bundle with sha256 {folder.name[:12]}.",
                remedy="use another version, and find out who changed the artifacts.",
            )
        if _is_whole(folder, folder.name):  # another process was faster
            return
        shutil.rmtree(folder, ignore_errors=True)
        downloaded.rename(folder)


def _is_whole(folder: Path, sha256: str) -> bool:
    try:
        return verify_bundle(folder).sha256 == sha256
    except BundleError:
        return False
