"""What the name of a store says: a folder, or the address of an MLflow server."""

from __future__ import annotations

from pathlib import Path

DEFAULT_FOLDER = Path("var")
DATABASE_NAME = "mlflow.db"


def is_address(store: str) -> bool:
    """Whether a store is named by an address rather than by its folder."""
    return "://" in store


def store_folder(store: str) -> Path:
    """Folder of a local store, with what lies beside its bundles; `var` for an address."""
    return DEFAULT_FOLDER if is_address(store) else Path(store)
