"""What is to be served, and where registered bundles are."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import BundleError
from models.store_place import DATABASE_NAME

MODEL_NAME = "cupromark"
ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
VERSION = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """A bundle in a folder: served as it is, never watched."""

    folder: Path


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """A registered bundle: an alias that is followed, or the number of a version that stays."""

    version_or_alias: str


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where registered bundles are.

    Attributes
    ----------
    tracking_uri
        Of the MLflow server or database; it may hold a password, so it is never shown.
    cache
        Folder of fetched bundles, one a sha256; what was served last is written there too.
    name
        Of the registered model.
    """

    tracking_uri: str
    cache: Path
    name: str = MODEL_NAME

    @property
    def store_id(self) -> str:
        """Tells stores apart without giving their address away."""
        parts = urlsplit(self.tracking_uri)
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        return hashlib.sha256(f"{plain}\n{self.name}".encode()).hexdigest()[:16]

    @property
    def database(self) -> Path | None:
        """SQLite file of the store; None when a server holds it."""
        start = "sqlite:///"
        return (
            Path(self.tracking_uri.removeprefix(start))
            if self.tracking_uri.startswith(start)
            else None
        )


def local_address(var: Path) -> StoreAddress:
    """Store below a folder, as `models.store.local_store` lays it out."""
    folder = Path(var).resolve()
    return StoreAddress(f"sqlite:///{folder / DATABASE_NAME}", cache=folder / "bundles")


def parse_choice(text: str) -> FolderChoice | StoreChoice:
    """Tell a folder, an alias and a version number apart.

    A version is a number; what holds a slash, or is a folder that holds a manifest, is a folder;
    anything else is an alias.

    Raises
    ------
    BundleError
        It is none of the three.
    """
    if VERSION.fullmatch(text):
        return StoreChoice(text)
    folder = Path(text).expanduser()
    if "/" in text or (folder / "manifest.json").is_file():
        return FolderChoice(folder.resolve())
    if ALIAS.fullmatch(text):
        return StoreChoice(text)
    raise BundleError(
        "The bundle to serve is neither a folder, an alias nor a version.",
        needed="`champion` or another alias, the number of a version, or the folder of a bundle.",
        remedy="correct the setting; `cupromark models list` shows what is registered.",
    )
