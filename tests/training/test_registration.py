from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mlflow.artifacts import download_artifacts

from models.bundle_files import load_bundle
from models.golden import check_golden
from models.mlflow_session import mlflow_session
from models.prediction import predict
from training.errors import TrainingError
from training.registration import train_and_register


class Recorder:
    """Remembers what it was told; may interrupt after the first drug."""

    def __init__(self, error=None):
        self.error = error
        self.finished = []

    def started(self, cohort, settings, drugs):
        pass

    def finished_drug(self, result):
        self.finished.append(result)
        if self.error is not None:
            raise self.error


def newest_parent(store):
    with mlflow_session(store.tracking_uri) as client:
        runs = client.search_runs([store.experiment_id()], order_by=["start_time DESC"])
        return next(run for run in runs if "mlflow.parentRunId" not in run.data.tags)


def test_the_registered_bundle_answers_as_the_trained_one(training, registered):
    check_golden(registered.bundle)
    expression = training.cohort.expression
    one, other = (
        predict(bundle, expression, drugs=list(training.drugs), lineage=dict(lineage)).table
        for lineage in [training.cohort.lineage]
        for bundle in (registered.result.bundle, registered.bundle)
    )
    name = "probability_sensitive"
    np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-12)
    assert other["simulated"].all()


def test_a_version_is_registered_and_promoted(registered):
    stored = registered.store.show(registered.version)
    assert "champion" in stored.aliases
    assert stored.tags["n_drugs"] == "2"


def test_an_interrupt_keeps_the_finished_drug_and_registers_nothing(training, registered, tmp_path):
    store = registered.store
    before = store.list()
    observer = Recorder(KeyboardInterrupt())
    result, version = train_and_register(
        training.cohort, training.gene_sets, training.settings(), store, observers=[observer]
    )
    assert (version, result.interrupted, list(result.trained)) == (None, True, ["Cisplatin"])
    assert store.list() == before
    parent = newest_parent(store)
    assert parent.info.status == "KILLED"
    assert parent.data.metrics["mean_roc_auc"] == pytest.approx(result.mean_roc_auc)
    with mlflow_session(store.tracking_uri) as client:
        kept = download_artifacts(
            run_id=parent.info.run_id,
            artifact_path="interrupted",
            dst_path=str(tmp_path),
            tracking_uri=client.tracking_uri,
        )
    bundle = load_bundle(tmp_path / "interrupted")
    assert kept.endswith("interrupted")
    assert list(bundle.drugs) == ["Cisplatin"]
    check_golden(bundle)


def test_no_trainable_drug_is_an_error_with_the_first_reason(training, registered):
    store = registered.store
    before = store.list()
    cohort = training.cohort
    flat = cohort.response.values * 0
    flat = replace(cohort, response=replace(cohort.response, values=flat))
    with pytest.raises(TrainingError, match="Not one of 2 drugs could be trained") as refused:
        train_and_register(flat, training.gene_sets, training.settings(), store)
    first = "Cisplatin: Drug 'Cisplatin' has 114 sensitive and 0 resistant samples."
    n_lines = int(cohort.response.values["Cisplatin"].notna().sum())
    assert first.replace("114", str(n_lines)) in str(refused.value)
    assert store.list() == before
    parent = newest_parent(store)
    assert parent.info.status == "FAILED"
    assert parent.data.metrics == {"n_drugs_trained": 0, "n_drugs_skipped": 2}


def test_an_error_on_the_way_leaves_no_run_open(training, registered):
    class BrokenError(RuntimeError):
        pass

    with pytest.raises(BrokenError):
        train_and_register(
            training.cohort,
            training.gene_sets,
            training.settings(),
            registered.store,
            observers=[Recorder(BrokenError())],
        )
    assert newest_parent(registered.store).info.status == "FAILED"
