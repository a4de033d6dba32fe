"""A small simulated training, done once a test session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from features.gene_sets import GeneSetCollection, load_gene_sets
from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from models.bundle_files import load_bundle
from models.estimators import RankRidge
from models.store import BundleStore, local_store
from training.cohort import Cohort
from training.evaluation import DrugTask, EvaluationSettings
from training.labels import label_response
from training.registration import train_and_register
from training.run import TrainingResult, train
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

SETS = ("mitochondrial_fission", "mitochondrial_fusion", "copper_import", "copper_export")
DRUGS = ("Cisplatin", "Docetaxel")


class Training:
    """What tests of a training share: a cohort, gene sets, and settings that take no time."""

    drugs = DRUGS

    def __init__(self) -> None:
        self.gene_sets: GeneSetCollection = load_gene_sets().subset(SETS)
        self.cohort = self.simulate(0)

    def simulate(self, seed: int, drugs: Sequence[str] = DRUGS, *, n_lines: int = 120) -> Cohort:
        genes = {name: one.genes for name, one in self.gene_sets.items()}
        return simulate_cohort(seed, n_lines, drugs, gene_sets=genes)

    @staticmethod
    def evaluation(**changes: Any) -> EvaluationSettings:
        quick = {"n_folds": 3, "n_inner_folds": 3, "seeds": (0,), "n_bootstrap": 50}
        return EvaluationSettings(**{**quick, "families": (RankRidge(),), **changes})

    def settings(self, **changes: Any) -> TrainingSettings:
        return TrainingSettings(**{"n_jobs": 1, "evaluation": self.evaluation(), **changes})

    def run(self, cohort: Cohort | None = None, **changes: Any) -> TrainingResult:
        observers = changes.pop("observers", ())
        chosen = cohort or self.cohort
        return train(chosen, self.gene_sets, self.settings(**changes), observers=observers)

    def task(self, cohort: Cohort | None = None, drug: str = DRUGS[0]) -> DrugTask:
        chosen = cohort or self.cohort
        if chosen.response is None:
            pytest.fail("the cohort has no response")
        measured = chosen.response.values[drug].notna().to_numpy()
        response = chosen.response.values[drug][measured].to_numpy()
        is_sensitive, card = label_response(response, drug=drug, kind="ln_ic50")
        samples = chosen.expression.values.assign(**{LINEAGE_COLUMN: chosen.lineage})
        groups = chosen.split_group[measured].to_numpy(dtype=np.str_)
        return DrugTask(drug, samples[measured], response, is_sensitive, groups, card)

    def features(self) -> GeneSetFeatures:
        return GeneSetFeatures(self.gene_sets, with_quantiles=False)


class Registered:
    """A training that was written to a store."""

    def __init__(self, training: Training, store: BundleStore) -> None:
        self.store = store
        self.result, self.version = train_and_register(
            training.cohort, training.gene_sets, training.settings(), store, promote=True
        )
        self.bundle = load_bundle(store.fetch("champion"))


@pytest.fixture(scope="session")
def training() -> Training:
    return Training()


@pytest.fixture(scope="session")
def trained(training: Training) -> TrainingResult:
    return training.run()


@pytest.fixture(scope="session")
def registered(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Registered:
    return Registered(training, local_store(tmp_path_factory.mktemp("store") / "var"))
