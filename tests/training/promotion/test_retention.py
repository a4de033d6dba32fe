"""What goes and what stays, over a real MLflow."""

import time
from dataclasses import replace

import pytest

from models.bundle_files import write_bundle
from models.mlflow_session import mlflow_session
from models.store import BundleStore, local_store
from training.promotion.pruning import carry_out
from training.promotion.retention import DAY, plan_retention
from training.promotion.retention_policy import load_retention_policy

DAYS_LATER = 400


@pytest.fixture(scope="module")
def bundles(champion, changed, tmp_path_factory):
    """Seven bundles that differ."""
    root = tmp_path_factory.mktemp("bundles")
    for seed in range(7):
        write_bundle(changed.noisier(champion, 0.1, seed=seed), root / str(seed))
    return [root / str(seed) for seed in range(7)]


@pytest.fixture
def store(bundles, tmp_path):
    """Versions 1 to 7, each with a run: 3 is champion, 2 was before it, 4 is challenger."""
    store = local_store(tmp_path / "var")
    for folder in bundles:
        store.register(folder)
    for version in ("1", "2", "3"):
        store.promote(version)
    with mlflow_session(store.tracking_uri) as client:
        client.set_registered_model_alias(store.name, "challenger", "4")
    return store


@pytest.fixture
def rules():
    return replace(load_retention_policy(), keep_newest=1, keep_days=30)


def plan(store, rules, *, signed_off=(), days=DAYS_LATER):
    return plan_retention(store, rules, signed_off=signed_off, now=time.time() + days * DAY)


def names(items, kind):
    return [item.name for item in items if item.kind == kind]


def versions(store):
    return {one.version for one in store.list()}


def test_who_is_or_may_be_champion_stays_whatever_the_age(store, rules):
    signed = store.show("6").sha256
    found = plan(store, rules, signed_off=[signed])
    assert names(found.items, "version") == ["5", "1"]
    assert {one.version: one.why for one in found.kept} == {
        "7": "among the newest 1",
        "6": "signed off",
        "4": "challenger",
        "3": "champion",
        "2": "previous_champion",
    }
    assert all(item.n_bytes > 0 for item in found.items if item.kind == "version")


def test_young_versions_stay(store, rules):
    found = plan(store, rules, days=29)
    assert found.items == ()
    assert [one.why for one in found.kept if one.version == "5"] == ["younger than 30 days"]


def test_what_is_planned_is_removed_and_nothing_else(store, rules, tmp_path):
    for version in ("1", "3"):
        store.fetch(version)
    (store.cache / ".fetch-abc").mkdir()
    gone = {one.version: one for one in store.list() if one.version in ("1", "5", "6")}
    found = plan(store, rules)
    told = []
    removed = carry_out(store, found, removed=told.append)
    assert tuple(told) == removed == found.items
    assert versions(store) == {"2", "3", "4", "7"}
    assert set(names(removed, "run")) == {one.run_id for one in gone.values()}
    assert set(names(removed, "cache")) == {gone["1"].sha256, ".fetch-abc"}
    left = {path.parent.name for path in (tmp_path / "var").rglob("manifest.json")}
    assert store.show("3").sha256 in left
    assert len(list((tmp_path / "var" / "artifacts").rglob("manifest.json"))) == 4
    for version in ("2", "3", "4", "7"):
        assert store.load(version).version == version
    assert plan(store, rules).items == ()
    assert store.rollback().version == "2"


def test_what_a_worker_fetched_goes_by_the_same_rules(store, rules, tmp_path):
    cache = tmp_path / "worker" / "bundles"
    of_worker = BundleStore(store.tracking_uri, cache=cache)
    for version in ("1", "2", "3", "4", "5", "7"):
        of_worker.fetch(version)
    (cache / ".fetch-abc").mkdir()
    (cache / "notes").mkdir()
    stays = {store.show(version).sha256 for version in ("2", "3", "4", "7")}
    now = time.time() + DAYS_LATER * DAY
    found = plan_retention(store, rules, signed_off=(), now=now, caches=(cache, store.cache))
    removed = carry_out(store, found)
    assert len(names(removed, "cache")) == 3
    assert {one.name for one in cache.iterdir()} == stays | {"notes"}


def test_what_reviewers_decided_stays_where_their_desk_is_out_of_reach(store, rules):
    with mlflow_session(store.tracking_uri) as client:
        for version, key, value in (
            ("5", "approvals_rejected", "Cisplatin"),
            ("6", "approvals_rejected", ""),
            ("6", "approvals_at", "2026-01-01T00:00:00+00:00"),
        ):
            client.set_model_version_tag(store.name, version, key, value)
    assert names(plan(store, rules).items, "version") == ["6", "1"]


def test_what_is_being_written_stays_whatever_the_rules(store, rules, tmp_path):
    at_once = replace(rules, keep_days=0, keep_run_days=0)
    with mlflow_session(store.tracking_uri) as client:
        under_way = client.create_run(store.experiment_id()).info.run_id
        ended = client.create_run(store.experiment_id()).info.run_id
        client.set_terminated(ended)
        model = client.create_logged_model(store.experiment_id(), source_run_id=under_way)
    now = plan(store, at_once, days=0.5)
    assert ended in names(now.items, "run")
    assert under_way not in names(now.items, "run")
    assert names(now.items, "model") == []
    later = plan(store, at_once, days=1.5)
    assert under_way in names(later.items, "run")
    assert names(later.items, "model") == [model.model_id]


@pytest.mark.parametrize("n_steps", [0, 1, 3, 4])
def test_a_removal_that_was_stopped_is_finished_by_the_next(
    store, rules, tmp_path, monkeypatch, n_steps
):
    class KilledError(BaseException):
        pass

    left = [n_steps]

    def dying(call):
        def step(*arguments, **named):
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return call(*arguments, **named)

        return step

    from mlflow import MlflowClient

    for name in ("delete_model_version", "delete_logged_model", "delete_run"):
        monkeypatch.setattr(MlflowClient, name, dying(getattr(MlflowClient, name)))
    with pytest.raises(KilledError):
        carry_out(store, plan(store, rules))
    monkeypatch.undo()
    assert {"2", "3", "4", "7"} <= versions(store)
    for version in versions(store):
        assert store.load(version).version == version  # no version without its files
    carry_out(store, plan(store, rules))
    assert versions(store) == {"2", "3", "4", "7"}
    assert plan(store, rules).items == ()
    assert len(list((tmp_path / "var" / "artifacts").rglob("manifest.json"))) == 4


def test_one_that_became_champion_since_stays_with_its_run(store, rules):
    found = plan(store, rules)
    store.promote("5")
    removed = carry_out(store, found)
    assert "5" not in names(removed, "version")
    assert store.show("5").run_id not in names(removed, "run")
    assert store.load("champion").version == "5"


def test_old_runs_go_with_their_children_and_young_ones_stay(store, rules):
    with mlflow_session(store.tracking_uri) as client:
        experiment = store.experiment_id()
        parent = client.create_run(experiment, run_name="evidence").info.run_id
        child = client.create_run(experiment, tags={"mlflow.parentRunId": parent}).info.run_id
        client.log_text(child, "12345", "card.json")
        client.set_terminated(parent)
    items = {item.name: item for item in plan(store, rules).items}
    assert items[parent].n_bytes == 5
    assert child not in items
    assert parent not in names(plan(store, rules, days=60).items, "run")
    carry_out(store, plan(store, rules))
    with mlflow_session(store.tracking_uri) as client:
        assert {client.get_run(one).info.lifecycle_stage for one in (parent, child)} == {"deleted"}


def test_jobs_that_are_long_over_go_and_their_logs_before_them(tmp_path, rules):
    from sqlalchemy import insert, select, update

    from models.jobs.database import jobs_database_in, open_jobs_engine, reading, writing
    from models.jobs.tables import job_log, jobs, prepare_tables
    from training.promotion.old_jobs import plan_jobs, remove_jobs

    address = jobs_database_in(tmp_path)
    engine = open_jobs_engine(address)
    prepare_tables(engine)
    now = 1_000 * DAY
    ended = {
        "ancient": ("succeeded", now - rules.keep_job_days * DAY - 1),
        "old": ("failed", now - rules.keep_log_days * DAY - 1),
        "new": ("succeeded", now - rules.keep_log_days * DAY + 1),
        "runs": ("running", None),
    }
    with writing(engine) as connection:
        for job_id, (state, at) in ended.items():
            row = {"job_id": job_id, "kind": "retrain", "spec": {}, "state": state, "percent": 0}
            about = {"reasons": [], "figures": {}, "submitted_at": 0, "submitted_by": "me"}
            counts = {"attempt": 1, "n_lines": 2, "ended_at": at}
            connection.execute(insert(jobs).values(row | about | counts))
            for number in (1, 2):
                line = {"at": 0, "level": "info", "text": "12345"}
                values = {"job_id": job_id, "number": number} | line
                connection.execute(insert(job_log).values(values))
    items = plan_jobs(address, rules, now=now)
    assert [(item.kind, item.name, item.n_bytes) for item in items] == [
        ("job_log", "ancient", 10), ("job_log", "old", 10), ("job", "ancient", 0),
    ]  # fmt: skip
    with writing(engine) as connection:  # resumed in the meantime: they and their logs are needed
        connection.execute(update(jobs).where(jobs.c.ended_at < now).values(state="running"))
    remove_jobs(address, items, rules, now=now)
    with reading(engine) as connection:
        assert len(connection.execute(select(job_log)).all()) == 8
    with writing(engine) as connection:
        connection.execute(update(jobs).where(jobs.c.ended_at < now).values(state="failed"))
    remove_jobs(address, items, rules, now=now)
    with reading(engine) as connection:
        assert {row.job_id for row in connection.execute(select(job_log))} == {"new", "runs"}
        assert {row.job_id for row in connection.execute(select(jobs))} == {"old", "new", "runs"}
    engine.dispose()
