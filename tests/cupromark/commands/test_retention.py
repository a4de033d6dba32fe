"""`cupromark retention`: which folders and databases it reaches, and what it says of the others."""

import json

import pytest

from cupromark.main import main
from models.jobs.database import jobs_database_in, open_jobs_engine
from models.jobs.tables import prepare_tables
from models.store import local_store
from serving.bundles.choice import StoreChoice
from serving.bundles.opening import store_address
from serving.bundles.record import ServedRecord, record_path, write_record

NAMES = (
    "WORKER_DATABASE_URL", "SERVE_JOBS_DATABASE_URL", "SERVE_DATABASE_URL", "WORKER_STATE",
    "SERVE_STATE", "SERVE_CACHE",
)  # fmt: skip
SERVED, OLD = "a" * 64, "b" * 64


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with an empty store, and nothing of it named in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(f"CUPROMARK_{name}", raising=False)
    local_store(tmp_path / "store").experiment_id()
    return tmp_path


@pytest.fixture
def plan(folder, capsys):
    def asked(*words):
        with pytest.raises(SystemExit) as ended:
            main(["retention", "--json", *words])
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return json.loads(out)

    return asked


def make_jobs_database(folder):
    address = jobs_database_in(folder)
    engine = open_jobs_engine(address)
    prepare_tables(engine)
    engine.dispose()
    return address


@pytest.mark.parametrize("name", ["WORKER_DATABASE_URL", "SERVE_JOBS_DATABASE_URL"])
def test_the_jobs_are_found_by_either_name(plan, folder, monkeypatch, name):
    address = make_jobs_database(folder / "elsewhere")
    monkeypatch.setenv(f"CUPROMARK_{name}", address)
    found = plan("--store", "store")
    assert found["jobs_database_found"] is True


def test_the_jobs_are_found_in_the_folder_of_the_store(plan, folder):
    make_jobs_database(folder / "store")
    found = plan("--store", "store")
    assert found["jobs_database_found"] is True


def test_jobs_that_are_not_found_are_not_passed_over_in_silence(plan, folder, capsys):
    found = plan("--store", "store")
    assert found["jobs_database_found"] is False
    with pytest.raises(SystemExit):
        main(["retention", "--store", "store"])
    said = capsys.readouterr()
    assert "no database of jobs was found" in said.err
    assert "--jobs-database" in said.err
    assert "0 things would be removed" in said.out


def test_what_the_worker_fetched_over_an_address_is_reached(plan, folder, monkeypatch):
    fetched = folder / "worker" / "bundles" / ("a" * 64)
    fetched.mkdir(parents=True)
    (fetched / "linear.npz").write_bytes(b"12345")
    monkeypatch.setenv("CUPROMARK_WORKER_STATE", str(folder / "worker"))
    of_a_folder = plan("--store", "store", "--yes")
    assert of_a_folder["items"] == []  # what this worker fetched is of another store
    store = f"sqlite:///{folder / 'store' / 'mlflow.db'}"
    found = plan("--store", store)
    assert [(one["kind"], one["bytes"]) for one in found["items"]] == [("cache", 5)]
    assert fetched.is_dir()
    plan("--store", store, "--yes")
    assert not fetched.exists()


def fetched_by_a_service(cache, store, *, alias="champion"):
    for sha256 in (SERVED, OLD):
        (cache / sha256).mkdir(parents=True, exist_ok=True)
        (cache / sha256 / "linear.npz").write_bytes(b"12345")
    address = store_address(store, cache)
    record = ServedRecord(address.store_id, "1", SERVED, "of a test")
    write_record(record_path(address, StoreChoice(alias)), record)


@pytest.mark.parametrize("kind", ["folder", "address"])
@pytest.mark.parametrize("named", ["state", "cache", "cache at home"])
def test_what_a_service_fetched_goes_except_what_it_starts_from(
    plan, folder, monkeypatch, kind, named
):
    store = "store" if kind == "folder" else f"sqlite:///{folder / 'store' / 'mlflow.db'}"
    cache = folder / "state" / "bundles" if named == "state" else folder / "elsewhere"
    monkeypatch.setenv("CUPROMARK_SERVE_STATE", str(folder / "state"))
    monkeypatch.setenv("HOME", str(folder))
    if named != "state":
        at_home = named == "cache at home"
        monkeypatch.setenv("CUPROMARK_SERVE_CACHE", "~/elsewhere" if at_home else str(cache))
    assert plan("--store", store)["items"] == []  # nobody has served anything
    fetched_by_a_service(cache, store)
    found = plan("--store", store)
    assert [(one["kind"], one["name"]) for one in found["items"]] == [("cache", OLD)]
    assert (cache / OLD).is_dir()
    plan("--store", store, "--yes")
    assert [one.name for one in cache.iterdir() if one.is_dir()] == [SERVED]


def test_what_a_service_fetched_from_another_store_is_left_alone(plan, folder):
    cache = folder / "store" / "serving" / "bundles"
    fetched_by_a_service(cache, "store")
    assert len(plan("--store", "store")["items"]) == 1
    fetched_by_a_service(cache, "another", alias="challenger")
    assert plan("--store", "store", "--yes")["items"] == []
    (cache / "served-challenger.json").write_text("damaged")
    assert plan("--store", "store", "--yes")["items"] == []
    assert (cache / OLD).is_dir()
