"""Changes of champion over a real MLflow, interrupted after every single call."""

import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import models.store
from models.champions import NOBODY, NUMBER_TAG, OLD_HISTORY_TAG, PENDING_TAG
from models.errors import StoreError
from models.mlflow_session import mlflow_session
from models.store import BundleStore, local_store


class KilledError(BaseException):
    """Stands for kill -9: nothing catches it, and nothing is cleaned up."""


class DyingClient:
    """MLflow's client in a process that is killed before, or after, its n-th change."""

    def __init__(self, client, changes):
        self._client = client
        self._changes = changes

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if not name.startswith(("set_", "delete_")):
            return call

        def dying(*arguments, **named):
            if self._changes[0] == 0:
                raise KilledError
            self._changes[0] -= 1
            return call(*arguments, **named)

        return dying


@pytest.fixture(scope="module")
def four_versions(tmp_path_factory):
    """A registry of four versions; what they hold does not matter here."""
    var = tmp_path_factory.mktemp("four") / "var"
    store = local_store(var)
    store.experiment_id()
    with mlflow_session(store.tracking_uri) as client:
        client.create_registered_model(store.name)
        for _ in range(4):
            client.create_model_version(store.name, source="file:///nowhere")
    return var / "mlflow.db"


@pytest.fixture
def store(four_versions, tmp_path):
    database = shutil.copy(four_versions, tmp_path)
    return BundleStore(f"sqlite:///{database}", cache=tmp_path / "cache")


@pytest.fixture
def killed_after(monkeypatch):
    """Run something and kill it after so many changes; says whether it came to that."""

    def killed_after(n_changes, action):
        left = [n_changes]

        @contextmanager
        def session(uri):
            with mlflow_session(uri) as client:
                yield DyingClient(client, left)

        with monkeypatch.context() as patched:
            patched.setattr(models.store, "mlflow_session", session)
            try:
                action()
            except KilledError:
                return True
        return False

    return killed_after


def aliases(store):
    return {alias: one.version for one in store.list() for alias in one.aliases}


def promote_all(store, versions):
    for version in versions:
        store.promote(version)


@pytest.mark.parametrize("version", ["3", "1"], ids=["a new one", "an earlier champion"])
def test_a_promotion_killed_anywhere_leaves_one_champion_and_a_way_back(
    store, killed_after, version, tmp_path
):
    promote_all(store, ["1", "2"])
    whole = shutil.copy(tmp_path / "mlflow.db", tmp_path / "whole.db")
    for n_changes in range(20):
        shutil.copy(whole, tmp_path / "mlflow.db")
        was_killed = killed_after(n_changes, lambda: store.promote(version))
        champion = aliases(store)["champion"]
        assert champion in ("2", version)
        standing = store.standing()
        assert standing.champion == champion  # mending never moves it
        previous = "2" if champion == version else "1"
        assert standing.previous == previous == aliases(store)["previous_champion"]
        assert aliases(store).get("challenger") != champion
        assert store.rollback().version == previous
        assert aliases(store)["champion"] == previous
        if not was_killed:
            assert n_changes > 3  # the loop went through every change
            return
    pytest.fail("a promotion without an end")


def test_a_rollback_killed_anywhere_leaves_one_champion_and_a_way_back(
    store, killed_after, tmp_path
):
    promote_all(store, ["1", "2", "3"])
    whole = shutil.copy(tmp_path / "mlflow.db", tmp_path / "whole.db")
    for n_changes in range(20):
        shutil.copy(whole, tmp_path / "mlflow.db")
        was_killed = killed_after(n_changes, store.rollback)
        champion = aliases(store)["champion"]
        assert champion in ("2", "3")
        expected = {"2": ("1",), "3": ("1", "2")}[champion]
        assert store.standing().past == expected
        assert store.promote("4").version == "4"
        assert store.rollback().version == champion
        assert store.rollback().version == expected[-1]
        if not was_killed:
            assert n_changes > 1
            return
    pytest.fail("a rollback without an end")


def test_mending_can_be_killed_as_well(store, killed_after):
    promote_all(store, ["1", "2"])
    killed_after(2, lambda: store.promote("3"))  # the alias has moved, nothing else
    for n_changes in range(4):
        killed_after(n_changes, store.standing)
        assert aliases(store)["champion"] == "3"
    assert store.standing().past == ("1", "2")


def test_what_is_whole_is_not_written_to(store, killed_after):
    promote_all(store, ["1", "2"])
    assert not killed_after(0, store.standing)
    assert not killed_after(0, lambda: store.promote("2"))


def test_a_version_that_was_rolled_back_from_is_not_gone_back_to(store):
    promote_all(store, ["1", "2"])
    store.rollback()
    store.promote("3")
    assert store.rollback().version == "1"
    assert store.promote("2").aliases == ("champion",)


def test_an_alias_moved_by_hand_is_understood(store):
    promote_all(store, ["1", "2"])
    with mlflow_session(store.tracking_uri) as client:
        client.set_registered_model_alias(store.name, "champion", "4")
    assert store.rollback().version == "2"
    with mlflow_session(store.tracking_uri) as client:
        client.delete_registered_model_alias(store.name, "champion")
    assert store.rollback().version == "2"


def test_the_list_of_earlier_releases_is_taken_over(store, killed_after, tmp_path):
    with mlflow_session(store.tracking_uri) as client:
        client.set_registered_model_alias(store.name, "champion", "4")
        client.set_registered_model_tag(store.name, OLD_HISTORY_TAG, "1,9,3")
    whole = shutil.copy(tmp_path / "mlflow.db", tmp_path / "whole.db")
    for n_changes in range(8):
        shutil.copy(whole, tmp_path / "mlflow.db")
        killed_after(n_changes, store.standing)
        assert store.standing().past == ("1", "3")
        assert store.rollback().version == "3"


def test_only_the_expected_champion_is_replaced(store):
    store.promote("1", replacing=NOBODY)
    with pytest.raises(StoreError, match="is version 1 by now, not none"):
        store.promote("2", replacing=NOBODY)
    with pytest.raises(StoreError, match="is version 1 by now, not version 3"):
        store.promote("2", replacing="3")
    assert aliases(store) == {"champion": "1"}
    store.promote("2", replacing="1")
    store.promote("2", replacing="1")  # again, after a kill: it is champion already
    assert store.standing().past == ("1",)


def test_of_many_who_promote_at_once_one_wins(store):
    store.promote("1")

    def promote(version):
        try:
            return store.promote(version, replacing="1").version
        except StoreError:
            return None

    # Sessions of several threads mix up what they change in the process: one around them mends it.
    with mlflow_session(store.tracking_uri), ThreadPoolExecutor(3) as pool:
        won = [version for version in pool.map(promote, ["2", "3", "4"]) if version]
    assert [aliases(store)["champion"]] == won
    assert store.standing().past == ("1",)


def test_a_process_killed_within_a_promotion_holds_up_nobody(store):
    store.promote("1")
    script = f"""
        import os
        from models.champions import Champions
        from models.store import BundleStore
        Champions._tag = lambda *_: os.kill(os.getpid(), 9)
        BundleStore({store.tracking_uri!r}, cache={str(store.cache)!r}).promote("2")
    """
    child = subprocess.run(  # noqa: S603
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert child.returncode == -9
    assert aliases(store)["champion"] == "1"
    assert store.promote("2").version == "2"
    with mlflow_session(store.tracking_uri) as client:
        tags = [client.get_model_version(store.name, n).tags for n in ("1", "2")]
    assert [one.get(NUMBER_TAG) for one in tags] == ["1", "2"]
    assert not any(PENDING_TAG in one for one in tags)
