"""Finished drugs of a training that may be stopped, so that the same one goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.gene_sets import GeneSetCollection
from training.code_version import code_version
from training.cohort import Cohort
from training.drug_tasks import response_of
from training.drug_training import SkippedDrug, TrainedDrug
from training.kept_objects import read_object, write_object
from training.settings import TrainingSettings
from training.shared_folds import SharedCohort

TOGETHER = "together.npz"


class KeptDrugs:
    """Observer of a training that keeps every finished drug in a folder.

    Parameters
    ----------
    folder
        Where to keep them.
    question
        Fingerprint of data, settings and code; another question finds nothing of this one.
    """

    def __init__(self, folder: Path, question: str) -> None:
        self._folder = Path(folder) / question

    def finished(self, drugs: Sequence[str]) -> dict[str, TrainedDrug | SkippedDrug]:
        """Read those of the drugs that an earlier training has finished."""
        found = {drug: read_object(self._file(drug)) for drug in drugs}
        return {
            drug: one for drug, one in found.items() if isinstance(one, TrainedDrug | SkippedDrug)
        }

    def together(self) -> SharedCohort | None:
        """Read what all drugs have learned together; None where that is not finished."""
        found = read_object(self._folder / TOGETHER)
        return found if isinstance(found, SharedCohort) else None

    def keep_together(self, shared: SharedCohort) -> None:
        """Keep what all drugs have learned together."""
        write_object(self._folder / TOGETHER, shared)

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Take note of nothing: a training that goes on begins like any other."""

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Keep a drug."""
        drug = result.model.drug if isinstance(result, TrainedDrug) else result.drug
        if not self._file(drug).is_file():
            write_object(self._file(drug), result)

    def finished_controls(self, done: int, total: int) -> None:
        """Take note of nothing: the controls keep their own parts."""

    def _file(self, drug: str) -> Path:
        return self._folder / f"drug-{hashlib.sha256(drug.encode()).hexdigest()[:24]}.npz"


def training_fingerprint(
    cohort: Cohort, gene_sets: GeneSetCollection, settings: TrainingSettings, drugs: Sequence[str]
) -> str:
    """Hash of everything that the classifiers depend on.

    The number of processes and of random gene sets do not count. The drugs do: they may learn
    together.
    """
    asked = {name: one for name, one in settings.to_parameters().items() if name != "n_random_sets"}
    asked |= {"gene_sets": gene_sets.sha256, "code": code_version(), "cohort": cohort.name}
    digest = hashlib.sha256(json.dumps([asked, list(drugs)], sort_keys=True).encode())
    response = response_of(cohort)
    tables, columns = (
        [cohort.expression.values, response.values, response.tested_range],
        [cohort.lineage, cohort.split_group],
    )
    if response.elsewhere is not None:
        tables.append(response.elsewhere.values)
        columns.append(response.elsewhere.lineage)
    for table in tables:
        digest.update(np.ascontiguousarray(table.to_numpy(dtype=np.float64)).tobytes())
        digest.update("\t".join(map(str, (*table.index, *table.columns))).encode())
    for column in columns:
        digest.update("\t".join(map(str, column)).encode())
    return digest.hexdigest()[:24]
