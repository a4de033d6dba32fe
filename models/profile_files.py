"""Profiles from a file, answers to a file."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

import pandas as pd

from features.expression import Expression, Scale
from features.readers.raw_matrix import Orientation
from features.reading import ReadLimits, read_expression
from models.bundle import Bundle
from models.errors import PredictionError


def read_profiles(
    path: Path,
    bundle: Bundle,
    *,
    scale: Scale,
    format: str | None = None,
    platform_map: Path | None = None,
    orientation: Orientation | None = None,
    limits: ReadLimits | None = None,
) -> Expression:
    """Read profiles under the names of genes that a bundle was trained with.

    Parameters
    ----------
    path
        File in any format of `features.reading`.
    bundle
        Brings the names of genes, and the genes that matter.
    scale, format, platform_map, orientation, limits
        As `features.reading.read_expression`.

    Raises
    ------
    FeaturesError
        The file cannot be used; see `features.reading.read_expression`.
    """
    return read_expression(
        path,
        scale=scale,
        format=format,
        platform_map=platform_map,
        symbols=bundle.symbols,
        wanted=bundle.features.required_genes_,
        orientation=orientation,
        limits=limits,
        allow_h5ad=True,
    )


def write_answers(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all.

    Raises
    ------
    PredictionError
        The folder is missing or read-only, or the disk is full; nothing is left behind.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device, such as /dev/stdout
            table.to_csv(path, index=False)
        else:
            _write_whole(table, path.resolve())
    except OSError as error:
        raise PredictionError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that is there and can be written, with enough space.",
            remedy="mend that, or name another file; nothing was left behind.",
        ) from error


def _write_whole(table: pd.DataFrame, path: Path) -> None:
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            table.to_csv(file, index=False)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        # Below a file there is nothing to remove, and asking for it is an error of its own.
        with suppress(OSError):
            partial.unlink(missing_ok=True)
