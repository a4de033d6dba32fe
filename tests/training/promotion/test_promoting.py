"""From a version to a decision on record and a champion, over a real MLflow."""

import json

import pytest
from mlflow.artifacts import download_artifacts

from models.bundle_files import write_bundle
from models.errors import StoreError
from models.mlflow_session import mlflow_session
from training.promotion.errors import RefusedError
from training.promotion.promoting import consider, settle


@pytest.fixture
def worse(store, champion, changed, tmp_path):
    """Version 2, which ranks worse than the champion, version 1."""
    write_bundle(changed.noisier(champion, 0.9), tmp_path / "worse")
    return store.register(tmp_path / "worse")


@pytest.fixture
def put(store, policy):
    def put(version, *, because="", record=lambda decision, stored: None, before=lambda: None):
        considered = consider(
            store, version, policy, missing_sign_offs=lambda bundle: (), decided_by="a test"
        )
        before()
        return settle(store, considered, policy=policy, because=because, record=record)

    return put


def champion_of(store):
    return store.find("champion").version


def test_a_refusal_is_on_record_and_changes_nothing(store, worse, put, tmp_path):
    told = []
    decision, promoted = put(worse, record=lambda *one: told.append(one))
    assert (decision.accepted, promoted, champion_of(store)) == (False, False, "1")
    assert [(one.accepted, stored.version) for one, stored in told] == [(False, worse)]
    tags = store.show(worse).tags
    assert tags["promotion"] == "refused"
    assert tags["promotion_policy"] == decision.policy_version
    assert "worse_drugs: 2: Cisplatin, Docetaxel" in tags["promotion_reasons"]
    run_id = store.show(worse).run_id
    with mlflow_session(store.tracking_uri) as client:
        assert client.get_run(run_id).data.tags["promotion"] == "refused"
        folder = download_artifacts(
            run_id=run_id,
            artifact_path="promotion",
            dst_path=str(tmp_path),
            tracking_uri=client.tracking_uri,
        )
    (file,) = (tmp_path / "promotion").iterdir()
    assert folder.endswith("promotion")
    assert json.loads(file.read_text()) == decision.to_json()


def test_a_reason_overrules_and_stays_on_record(store, worse, put):
    decision, promoted = put(worse, because=" a drill ")
    assert (decision.accepted, promoted, champion_of(store)) == (False, True, worse)
    tags = store.show(worse).tags
    assert (tags["promotion"], tags["promotion_because"]) == ("overruled", "a drill")
    assert store.rollback().version == "1"
    decision, promoted = put("1", because="not needed")
    assert (decision.accepted, decision.overruled_because, promoted) == (True, "", True)


def test_some_checks_cannot_be_overruled(store, champion, changed, policy, put, tmp_path):
    import dataclasses

    firm = dataclasses.replace(policy, never_overruled=("roc_auc",))
    write_bundle(changed.noisier(champion, 0.9), tmp_path / "worse")
    version = store.register(tmp_path / "worse")
    considered = consider(store, version, firm, missing_sign_offs=lambda b: (), decided_by="x")
    with pytest.raises(RefusedError, match="Nobody can overrule roc_auc"):
        settle(store, considered, policy=firm, because="please")
    assert champion_of(store) == "1"


def test_a_decision_against_a_champion_that_is_gone_does_not_count(store, worse, put):
    with pytest.raises(StoreError, match="is version 2 by now, not version 1"):
        put(store.register(store.fetch("1")), before=lambda: store.promote(worse))
    assert champion_of(store) == worse


def test_nothing_is_changed_where_the_record_cannot_be_written(store, worse, put):
    class AwayError(Exception):
        pass

    def away(decision, stored):
        raise AwayError

    with pytest.raises(AwayError):
        put(worse, because="a drill", record=away)
    assert champion_of(store) == "1"
    assert "promotion" not in store.show(worse).tags
