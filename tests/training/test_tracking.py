"""What is in MLflow after a training, in a real store (SQLite and a folder)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow.artifacts import download_artifacts

from models.mlflow_session import mlflow_session
from training.files import SourceFile
from training.run import TrainingResult
from training.tracking import MlflowTracking


def runs_of(registered, parent_run_id):
    with mlflow_session(registered.store.tracking_uri) as client:
        children = client.search_runs(
            [registered.store.experiment_id()], f"tags.mlflow.parentRunId = '{parent_run_id}'"
        )
        return client.get_run(parent_run_id), {run.data.tags["drug"]: run for run in children}


def read_artifacts(registered, run_id, folder):
    with mlflow_session(registered.store.tracking_uri) as client:
        path = download_artifacts(
            run_id=run_id, dst_path=str(folder), tracking_uri=client.tracking_uri
        )
    return {one.name: one.read_bytes() for one in Path(path).iterdir() if one.is_file()}


@pytest.fixture(scope="module")
def runs(registered):
    return runs_of(registered, registered.store.show("champion").run_id)


def test_the_parent_run_has_the_means_over_drugs(registered, runs):
    parent, _ = runs
    result = registered.result
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics == pytest.approx(
        {
            "mean_roc_auc": result.mean_roc_auc,
            "mean_lineage_roc_auc": result.mean_lineage_roc_auc,
            "mean_gain_over_lineage": result.mean_roc_auc - result.mean_lineage_roc_auc,
            "n_drugs_trained": 2,
            "n_drugs_skipped": 0,
        }
    )


def test_the_parent_run_has_every_setting(training, runs):
    parent, _ = runs
    settings = training.settings().to_parameters()
    assert settings.items() <= parent.data.params.items()
    assert parent.data.params["cohort"] == "simulated"
    assert parent.data.params["n_samples"] == "120"
    assert parent.data.tags["code_version"]


def test_every_run_is_marked_simulated(runs):
    parent, children = runs
    for run in (parent, *children.values()):
        assert run.data.tags["simulated"] == "true"
        assert run.data.tags["cohort"] == "simulated"


def test_the_registered_version_is_marked_simulated(registered):
    assert registered.store.show("champion").tags["simulated"] == "true"


def test_one_child_run_a_drug(registered, runs):
    _, children = runs
    assert set(children) == {"Cisplatin", "Docetaxel"}
    for drug, run in children.items():
        one = registered.result.trained[drug]
        assert run.info.status == "FINISHED"
        assert run.info.run_name == drug
        assert run.data.tags["status"] == one.model.status
        assert run.data.metrics == pytest.approx(one.evaluation.metrics)
        assert run.data.params["estimator"] == one.model.estimator
        assert run.data.params["penalty"] == str(one.model.parameters["penalty"])
        assert run.data.params["label_method"] == "tertile"


def test_artifacts_of_a_drug(registered, runs, tmp_path):
    _, children = runs
    files = read_artifacts(registered, children["Cisplatin"].info.run_id, tmp_path)
    one = registered.result.trained["Cisplatin"]
    assert set(files) == {
        "label_card.json",
        "evidence_card.json",
        "evidence_card.html",
        "controls.svg",
        "curves.png",
    }
    assert files["curves.png"] == one.curves_png
    assert json.loads(files["label_card.json"]) == one.model.label_card
    card = json.loads(files["evidence_card.json"])
    assert card["status"] == one.model.status
    assert card["roc_auc"] == one.model.evidence_card["roc_auc"]
    assert files["evidence_card.html"].startswith(b"<!doctype html>")


def test_artifacts_of_the_training(registered, runs, tmp_path):
    parent, _ = runs
    files = read_artifacts(registered, parent.info.run_id, tmp_path)
    assert set(files) == {
        "drugs.csv",
        "environment.txt",
        "evidence.json",
        "joining.json",
        "not_joined.csv",
        "samples.csv",
    }
    assert json.loads(files["joining.json"])["n_joined"] == 120
    assert files["samples.csv"].decode().splitlines()[0] == "sample,lineage,split_group"
    assert len(files["samples.csv"].splitlines()) == 121
    assert b"\nnumpy==" in files["environment.txt"]
    assert files["drugs.csv"].startswith(b"drug,")


def test_data_are_inputs_with_their_hashes(training, registered):
    source = SourceFile("response", Path("a.csv"), "0f" * 32, 10, "user", None, "own", "own")
    cohort = replace(training.cohort, sources=(source, replace(source, name="expression")))
    tracking = MlflowTracking(registered.store)
    tracking.started(cohort, training.settings(), ["Cisplatin"])
    tracking.finish(TrainingResult(None, {}, {}, {}, interrupted=True))
    parent, _ = runs_of(registered, tracking.parent_run_id)
    inputs = {one.dataset.name: one.dataset for one in parent.inputs.dataset_inputs}
    assert set(inputs) == {"response", "expression"}
    assert source.sha256.startswith(inputs["response"].digest)
    assert json.loads(inputs["response"].source) == {"file": "a.csv", "sha256": source.sha256}
    assert parent.info.status == "KILLED"


def test_an_interrupt_before_the_run_of_a_finished_drug_loses_no_drug(training, registered):
    tracking = MlflowTracking(registered.store)
    tracking.started(training.cohort, training.settings(), list(training.drugs))
    finished = replace(registered.result, interrupted=True)
    first, second = finished.trained.values()
    tracking.finished_drug(first)
    tracking.finish(finished)
    parent, children = runs_of(registered, tracking.parent_run_id)
    assert parent.info.status == "KILLED"
    assert {drug: run.info.status for drug, run in children.items()} == dict.fromkeys(
        (first.model.drug, second.model.drug), "FINISHED"
    )


def test_a_run_whose_writing_was_interrupted_is_closed(training, registered, monkeypatch):
    tracking = MlflowTracking(registered.store)
    tracking.started(training.cohort, training.settings(), list(training.drugs))
    first = next(iter(registered.result.trained.values()))

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.tracking._log_files", interrupt)
    with pytest.raises(KeyboardInterrupt):
        tracking.finished_drug(first)
    monkeypatch.undo()
    tracking.finish(TrainingResult(None, {}, {}, {}, interrupted=True))
    _, children = runs_of(registered, tracking.parent_run_id)
    assert [run.info.status for run in children.values()] == ["KILLED"]


def test_before_a_training_began_there_is_nothing_to_close(registered):
    tracking = MlflowTracking(registered.store)
    tracking.finish(TrainingResult(None, {}, {}, {}, interrupted=True))
    tracking.abandon()
    assert tracking.parent_run_id is None
