from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest

from models.bundle_files import load_bundle, write_bundle
from models.estimators import FAMILIES, BoostedTrees
from models.prediction import predict
from training.errors import LabelError, TrainingError
from training.run import train
from training.settings import choose_training_drugs

CHECKOUT = Path(__file__).resolve().parents[2]
ANSWER = """
import json, sys
from pathlib import Path
import pandas as pd
from models.bundle_files import load_bundle
from models.prediction import predict
from features.expression import Expression, ReadingReport
bundle = load_bundle(Path(sys.argv[1]))
values = pd.read_parquet(sys.argv[2])
report = ReadingReport("parquet", "samples_by_genes", None, "symbol", *values.shape, 0, ())
expression = Expression(values, "rma_log2", "symbol", "test", report)
answers = predict(bundle, expression, drugs=list(bundle.drugs)).table
heavy = {"mlflow", "sklearn", "xgboost", "shap", "matplotlib"} & set(sys.modules)
print(json.dumps([sorted(heavy), answers["probability_sensitive"].tolist()]))
"""


@pytest.fixture(scope="module")
def full(training):
    """Two drugs with every family, in this process."""
    return training.run(evaluation=training.evaluation(families=FAMILIES))


def test_the_same_seed_gives_the_same_bundle_to_the_last_byte(training, full, tmp_path):
    settings = training.evaluation(families=FAMILIES)
    again = training.run(evaluation=settings)
    in_two_processes = training.run(evaluation=settings, n_jobs=2)
    written = [
        write_bundle(one.bundle, tmp_path / str(number), boosters=one.boosters)
        for number, one in enumerate((full, again, in_two_processes))
    ]
    assert len(set(written)) == 1
    names = {path.relative_to(tmp_path / "0") for path in (tmp_path / "0").rglob("*.npz")}
    assert names
    for name in names:
        raw = {(tmp_path / str(number) / name).read_bytes() for number in range(3)}
        assert len(raw) == 1


def test_another_seed_gives_other_numbers(training, trained, tmp_path):
    other = training.run(evaluation=training.evaluation(seeds=(7,)))
    assert other.mean_roc_auc != trained.mean_roc_auc
    sha256 = [
        write_bundle(one.bundle, tmp_path / one.bundle.provenance["settings"]["seeds"])
        for one in (trained, other)
    ]
    assert sha256[0] != sha256[1]


def test_a_process_without_mlflow_answers_the_same(training, full, tmp_path):
    write_bundle(full.bundle, tmp_path / "bundle", boosters=full.boosters)
    expression = training.cohort.expression
    expression.values.to_parquet(tmp_path / "profiles.parquet")
    child = subprocess.run(  # noqa: S603 - our own program, in this interpreter
        [
            sys.executable,
            "-c",
            ANSWER,
            str(tmp_path / "bundle"),
            str(tmp_path / "profiles.parquet"),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    heavy, answered = json.loads(child.stdout)
    here = predict(full.bundle, expression, drugs=list(full.bundle.drugs)).table
    assert heavy == []
    np.testing.assert_allclose(answered, here["probability_sensitive"], rtol=0, atol=1e-12)


def test_trees_are_served_as_they_were_learned(training, tmp_path):
    result = training.run(evaluation=training.evaluation(families=(BoostedTrees(),)))
    assert set(result.boosters) == set(training.drugs)
    write_bundle(result.bundle, tmp_path / "bundle", boosters=result.boosters)
    loaded = load_bundle(tmp_path / "bundle")
    random = np.random.default_rng(0)
    features = random.normal(size=(20, len(loaded.features.feature_names_)))
    for drug, model in result.bundle.drugs.items():
        assert model.trees is not None
        found = loaded.drugs[drug].probability(features)
        np.testing.assert_allclose(found, model.probability(features), rtol=0, atol=1e-12)


def test_the_bundle_says_where_it_came_from(training, trained):
    provenance = trained.bundle.provenance
    assert trained.bundle.simulated is True
    assert (provenance["cohort"], provenance["n_samples"]) == ("simulated", 120)
    assert provenance["settings"]["seeds"] == "0"
    assert provenance["code_version"]
    answers = predict(trained.bundle, training.cohort.expression, drugs=list(training.drugs))
    assert answers.table["simulated"].all()
    assert any("simulated" in note.lower() for note in answers.notes)


def test_drugs_keep_the_order_in_which_they_were_asked_for(training, trained):
    assert list(trained.bundle.drugs) == list(training.drugs)
    turned = training.run(drugs=["docetaxel", "CISPLATIN"], n_jobs=1)
    assert list(turned.trained) == ["Docetaxel", "Cisplatin"]


class LastFirst:
    """Runs jobs in this process, the last one first."""

    def __init__(self, **_):
        pass

    def __call__(self, jobs):
        return (do(*given, **named) for do, given, named in reversed(list(jobs)))


def test_the_order_in_which_drugs_finish_changes_nothing(training, trained, monkeypatch):
    monkeypatch.setattr(joblib, "Parallel", LastFirst)
    result = training.run()
    assert list(result.trained) == list(result.bundle.drugs) == list(training.drugs)
    assert result.mean_roc_auc == trained.mean_roc_auc


def test_a_drug_does_not_depend_on_the_others(training, trained):
    alone = training.run(drugs=["Docetaxel"])
    assert alone.trained["Docetaxel"].evaluation.metrics == (
        trained.trained["Docetaxel"].evaluation.metrics
    )
    one, other = (r.bundle.drugs["Docetaxel"].linear for r in (alone, trained))
    assert (one.coefficients == other.coefficients).all()


def test_cards_hold_every_figure_as_json(trained):
    for model in trained.bundle.drugs.values():
        card = json.loads(json.dumps(model.evidence_card, allow_nan=False))
        assert card["roc_auc"]["low"] <= card["roc_auc"]["value"] <= card["roc_auc"]["high"]
        assert set(card["lineage"]) == {"roc_auc", "gain"}
        assert "random gene sets" in card["not_run"]
        assert model.status in {"exploratory", "withheld"}
        assert model.label_card["method"] == "tertile"
        assert model.label_card["cut_off_um"] == pytest.approx(np.exp(model.label_card["cut_off"]))


def test_a_drug_without_two_classes_is_left_out_with_its_reason(training):
    cohort = with_few_responses(training.cohort, "Cisplatin", 25)
    result = training.run(cohort, drugs=["Cisplatin", "Docetaxel"])
    assert list(result.trained) == ["Docetaxel"]
    assert "8 sensitive and 17 resistant" in result.skipped["Cisplatin"].reason
    assert list(result.bundle.drugs) == ["Docetaxel"]


def test_a_drug_without_any_response_is_left_out(training):
    cohort = with_few_responses(training.cohort, "Cisplatin", 0)
    result = training.run(cohort, drugs=["Cisplatin"])
    assert result.bundle is None
    assert "0 sensitive and 0 resistant" in result.skipped["Cisplatin"].reason


def with_few_responses(cohort, drug, n_kept):
    values = cohort.response.values.copy()
    measured = np.flatnonzero(values[drug].notna())
    values.iloc[measured[n_kept:], values.columns.get_loc(drug)] = np.nan
    return replace(cohort, response=replace(cohort.response, values=values))


def test_all_means_every_drug_with_enough_samples(training):
    cohort = with_few_responses(training.cohort, "Cisplatin", 60)
    chosen = [
        choose_training_drugs(cohort.response, training.settings(minimum_samples=minimum))
        for minimum in (None, 50)
    ]
    assert chosen == [["Docetaxel"], ["Cisplatin", "Docetaxel"]]
    with pytest.raises(TrainingError, match="at most"):
        choose_training_drugs(cohort.response, training.settings(minimum_samples=121))


def test_patients_are_fewer_than_cell_lines(training):
    cohort = with_few_responses(training.cohort, "Cisplatin", 60)
    patients = replace(cohort.response, kind="clinical_response")
    assert choose_training_drugs(patients, training.settings()) == ["Cisplatin", "Docetaxel"]


@pytest.mark.parametrize(
    ("drugs", "found"), [(["Aspirin"], "'Aspirin'"), ([], "No drug was named")]
)
def test_drugs_that_cannot_be_trained_are_refused(training, drugs, found):
    with pytest.raises(TrainingError, match=found):
        training.run(drugs=drugs)


def test_a_cohort_without_response_is_refused(training):
    with pytest.raises(TrainingError, match="holds no response"):
        training.run(replace(training.cohort, response=None))


def test_a_threshold_that_was_not_given_leaves_the_drugs_out(training):
    result = training.run(label_method="threshold")
    assert set(result.skipped) == set(training.drugs)
    assert issubclass(LabelError, TrainingError)


class Interrupting:
    """Presses Ctrl-C after the first drug."""

    def started(self, cohort, settings, drugs):
        self.asked = list(drugs)

    def finished_drug(self, result):
        raise KeyboardInterrupt


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_keeps_what_is_finished(training, n_jobs):
    drugs = [f"Drug {number}" for number in range(8)]
    cohort = training.simulate(0, drugs)
    observer = Interrupting()
    settings = training.settings(n_jobs=n_jobs)
    result = train(cohort, training.gene_sets, settings, observers=[observer])
    assert observer.asked == drugs
    assert result.interrupted
    assert len(result.trained) == 1
    assert list(result.bundle.drugs) == list(result.trained)


def test_observers_are_told_of_every_drug_once(training):
    told = []

    class Listening:
        def started(self, cohort, settings, drugs):
            told.append(list(drugs))

        def finished_drug(self, result):
            told.append(result.model.drug)

    training.run(observers=[Listening()])
    assert told[0] == list(training.drugs)
    assert sorted(told[1:]) == sorted(training.drugs)
