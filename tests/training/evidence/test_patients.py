"""Patients: a planted signal is found, a shuffled response is worth nothing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.gene_sets import GeneSetCollection, load_gene_sets
from models.estimators import RankRidge
from training.cohort import Cohort, load_cohort
from training.errors import TrainingError
from training.evaluation import EvaluationSettings
from training.evidence.figures import NotEstimable
from training.evidence.patients import PatientFigures, evaluate_patients
from training.file_settings import FileSettings
from training.files import FileSource
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
SETTINGS = TrainingSettings(
    evaluation=EvaluationSettings(
        n_folds=3, n_inner_folds=3, seeds=(0,), n_bootstrap=50, families=(RankRidge(),)
    )
)


def clinical(cohort: Cohort, generator: np.random.Generator | None = None) -> Cohort:
    """Call the upper half of each response non-responders, shuffled when a generator is given."""
    assert cohort.response is not None
    values = cohort.response.values
    labels = values.gt(values.median()).astype(float).where(values.notna())
    if generator is not None:
        labels = labels.iloc[generator.permutation(len(labels))].set_axis(values.index)
    response = replace(cohort.response, values=labels, kind="clinical_response")
    return replace(cohort, response=response)


def simulate(seed: int, n_lines: int = 150) -> Cohort:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    return simulate_cohort(seed, n_lines, ["Cisplatin", "Docetaxel"], gene_sets=genes)


def only(cohort: Cohort, sets: GeneSetCollection = GENE_SETS) -> dict[str, PatientFigures]:
    return {one.drug: one for one in evaluate_patients(cohort, sets, SETTINGS).drugs}


def test_a_planted_signal_is_found() -> None:
    for figures in only(clinical(simulate(0))).values():
        assert isinstance(figures.gain, Interval)
        assert figures.gain.low > 0
        assert figures.n_responders + figures.n_non_responders >= figures.n_patients


def test_a_shuffled_response_is_worth_a_coin() -> None:
    found = []
    for seed in range(6):
        shuffled = clinical(simulate(seed), np.random.default_rng(seed))
        for figures in only(shuffled).values():
            assert isinstance(figures.roc_auc, Interval)
            found.append(figures.roc_auc.value)
    assert abs(np.mean(found) - 0.5) < 0.05


def test_few_responders_have_a_reason_and_no_number() -> None:
    cohort = clinical(simulate(0))
    assert cohort.response is not None
    labels = cohort.response.values
    responders = labels.index[labels["Docetaxel"] == 0]
    labels.loc[responders[5:], "Docetaxel"] = np.nan
    evidence = evaluate_patients(cohort, GENE_SETS, SETTINGS)
    few = {one.drug: one for one in evidence.drugs}["Docetaxel"]
    assert isinstance(few.roc_auc, NotEstimable)
    assert "5 responders" in str(few.gain)
    assert few.seed_band is None
    json.dumps(evidence.to_json(), allow_nan=False)


def test_cell_lines_are_refused() -> None:
    with pytest.raises(TrainingError, match="ln_ic50"):
        evaluate_patients(simulate(0), GENE_SETS, SETTINGS)


def test_tcga_holds_cisplatin_with_enough_of_each(shared_data: Path) -> None:
    files = FileSource(FileSettings(mirror=str(shared_data), cache=shared_data / "no-cache"))
    found = only(load_cohort("tcga", files=files), load_gene_sets())
    cisplatin = next(one for drug, one in found.items() if drug.upper() == "CISPLATIN")
    assert min(cisplatin.n_responders, cisplatin.n_non_responders) >= 20
    assert isinstance(cisplatin.roc_auc, Interval)
    assert isinstance(cisplatin.gain, Interval)
    assert cisplatin.gain.low < cisplatin.gain.high
