"""Finished parts of a long run, kept so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.code_version import code_version
from training.metrics import FloatArray

if TYPE_CHECKING:
    from training.evidence.controls import ControlData, ControlSettings
    from training.evidence.random_sets import RandomPanels


class KeptTallies:
    """Arrays by name in a folder of their own for each question.

    Parameters
    ----------
    folder
        Where to keep them.
    question
        Fingerprint of data and settings; another question finds nothing of this one.
    """

    def __init__(self, folder: Path, question: str) -> None:
        self._folder = Path(folder) / question

    def has(self, name: str) -> bool:
        """Whether a part is finished."""
        return (self._folder / f"{name}.npy").is_file()

    def read(self, name: str) -> FloatArray:
        """Array of a finished part."""
        array: FloatArray = np.load(self._folder / f"{name}.npy", allow_pickle=False)
        return array

    def write(self, name: str, array: FloatArray) -> None:
        """Keep a part, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{uuid.uuid4().hex}.npy"
        np.save(partial, array, allow_pickle=False)
        partial.replace(self._folder / f"{name}.npy")


def n_kept(folder: Path) -> int:
    """How many finished parts a folder holds, of whatever question."""
    return sum(1 for _ in folder.glob("*/[!.]*.np[yz]")) if folder.is_dir() else 0


def clear_kept(folder: Path) -> None:
    """Remove what was kept, once it is no longer needed."""
    shutil.rmtree(folder, ignore_errors=True)


def fingerprint(data: ControlData, settings: ControlSettings, panels: RandomPanels) -> str:
    """Hash of everything that the controls depend on, without the number of processes."""
    asked = asdict(settings)
    del asked["n_jobs"]
    asked["code"] = code_version()
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    for array in (data.expression.to_numpy(), data.response, data.is_sensitive):
        digest.update(np.ascontiguousarray(array).tobytes())
    for names in (data.drugs, data.groups, data.lineage.astype(str), data.expression.columns):
        digest.update("\t".join(map(str, names)).encode())
    if data.together is not None:
        digest.update(data.together.fingerprint())
    digest.update(panels.replacements.tobytes())
    digest.update(json.dumps(data.plan.to_meta(), sort_keys=True).encode())
    return digest.hexdigest()[:24]
