"""Files of runs and models: how many bytes they hold, and their removal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; 0 where there is none."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            total += path.stat().st_size if path.is_file() and not path.is_symlink() else 0
    return total


def artifact_bytes(client: Any, uri: str | None) -> int:
    """Bytes of all files below an address of artifacts; 0 where there are none."""
    if uri is None:
        return 0
    folder = local_folder(uri)
    if folder is not None:
        return folder_bytes(folder)
    repository = _repository(client, uri)
    total, folders = 0, [None]
    while folders:
        for entry in repository.list_artifacts(folders.pop()):
            if entry.is_dir:
                folders.append(entry.path)
            else:
                total += entry.file_size or 0
    return total


def remove_artifacts(client: Any, uri: str | None) -> None:
    """Remove all files below an address of artifacts; nothing happens where there are none."""
    if uri is None:
        return
    folder = local_folder(uri)
    if folder is None:
        _repository(client, uri).delete_artifacts()
        return
    shutil.rmtree(folder, ignore_errors=True)
    above = folder.parent  # MLflow keeps `artifacts` in a folder of the run or model
    if above.is_dir() and not any(above.iterdir()):
        above.rmdir()


def local_folder(uri: str) -> Path | None:
    """Folder that an address stands for; None where it is none of this machine."""
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


def _repository(client: Any, uri: str) -> Any:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(uri, tracking_uri=client.tracking_uri)
