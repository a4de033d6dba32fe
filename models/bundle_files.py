"""A bundle on disk: written whole or not at all, verified before it is read."""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from models.bundle import Bundle
from models.bundle_encoding import about_bundle, decode_bundle, encode_bundle
from models.errors import BundleError
from models.manifest import (
    MANIFEST,
    Manifest,
    damaged,
    make_manifest,
    parse_manifest,
    sha256_of,
)


def write_bundle(
    bundle: Bundle, folder: Path, *, boosters: Mapping[str, bytes] | None = None
) -> str:
    """Write a bundle to a new folder.

    Parameters
    ----------
    bundle
        What to write; its `version` and `sha256` are not written.
    folder
        Where to; it must not exist. Nothing is left there when anything fails.
    boosters
        XGBoost boosters (`save_raw("ubj")`) by drug, kept beside the bundle for audit.

    Returns
    -------
    str
        sha256 of the bundle: the same for the same content, whenever it was written.

    Raises
    ------
    BundleError
        The folder exists or cannot be written, or the bundle holds what files cannot.
    """
    files = encode_bundle(bundle, boosters or {})
    manifest = make_manifest(files, about_bundle(bundle))
    write_folder({**files, MANIFEST: manifest.to_bytes()}, Path(folder))
    return manifest.sha256


def verify_bundle(folder: Path) -> Manifest:
    """Check the manifest, and every file against it, without building anything.

    Raises
    ------
    BundleDamagedError
        A file is missing, changed, or not listed; it is named.
    BundleError
        There is no bundle, or it is in a format of another version.
    """
    manifest, _ = _read_verified(Path(folder), keep=lambda _: False)
    return manifest


def load_bundle(
    folder: Path, *, version: str | None = None, without: Collection[str] = ()
) -> Bundle:
    """Verify a bundle and load it from the very bytes that were verified.

    Parameters
    ----------
    folder
        Where `write_bundle` wrote it.
    version
        Its version in the registry, for answers to say.
    without
        Parts that answering does not need, such as "held_out": verified, but not kept.
    """
    manifest, files = _read_verified(
        Path(folder), keep=lambda name: "/" not in name and name.split(".")[0] not in without
    )
    return decode_bundle(files, manifest, version=version)


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files beside their place, then move them there in one step."""
    if folder.exists() or folder.is_symlink():
        raise BundleError(
            f"{folder} exists already.",
            needed="a folder that does not exist yet.",
            remedy="choose another place, or remove it first.",
        )
    partial = folder.parent / f".{folder.name}.{uuid.uuid4().hex}.partial"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for name, raw in files.items():
            _write_file(partial / name, raw)
        partial.rename(folder)
    except OSError as error:
        raise BundleError(
            f"{folder} cannot be written: {error.strerror or error}.",
            needed="a folder that can be written, with enough space.",
            remedy="mend that, or choose another place; nothing was left behind.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_file(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _read_verified(
    folder: Path, *, keep: Callable[[str], bool]
) -> tuple[Manifest, dict[str, bytes]]:
    if not (folder / MANIFEST).is_file():
        raise BundleError(
            f"{folder} holds no {MANIFEST}.",
            needed="the folder of a bundle.",
            remedy="check the path, or fetch the bundle again.",
        )
    manifest = parse_manifest(_read(folder, MANIFEST))
    found = _names_below(folder) - {MANIFEST}
    for name in sorted(set(manifest.files) - found):
        raise damaged(name, "is missing")
    for name in sorted(found - set(manifest.files)):
        raise damaged(name, "is not listed in the manifest")
    kept: dict[str, bytes] = {}
    for name, sha256 in manifest.files.items():
        raw = _read(folder, name)
        if sha256_of(raw) != sha256:
            raise damaged(name, "was changed: its sha256 is not the one in the manifest")
        if keep(name):
            kept[name] = raw
    return manifest, kept


def _names_below(folder: Path) -> set[str]:
    """Every file, relative to the folder; anything that is not a plain file is refused."""
    names = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            names.add(name)
        elif not stat.S_ISDIR(mode):
            raise damaged(name, "is a link or a device, not a file")
    return names


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise damaged(name, f"cannot be read ({error.strerror or error})") from error
