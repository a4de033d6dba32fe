import pytest
import structlog

from models.errors import BundleDamagedError
from serving.bundles.arrivals import Arrivals
from serving.bundles.holder import ServedBundles
from serving.bundles.messages import Checked, Refused
from serving.bundles.record import read_record


@pytest.fixture
def record(tmp_path):
    return tmp_path / "served-champion.json"


@pytest.fixture
def arrivals(loader, record):
    return Arrivals(
        ServedBundles(),
        load=loader,
        store_id="store",
        record=record,
        code_version="0.1.0",
        clock=lambda: 7.0,
    )


@pytest.fixture
def bundles(arrivals):
    return arrivals._bundles


def test_a_champion_is_served_and_recorded(arrivals, bundles, say, record):
    arrivals.reached(say.listed("1", "2", "1"))
    assert arrivals.fetched(say.fetched("1"))
    state = bundles.state()
    assert (state.ready, state.version, state.source, state.degraded) == (True, "1", "store", False)
    assert (state.loaded_at, state.last_check_at, state.store_reachable) == (7.0, 7.0, True)
    assert (read_record(record).version, read_record(record).sha256) == ("1", say.sha256_of("1"))


def test_promotion_swaps_and_rollback_takes_what_is_in_memory(arrivals, bundles, say, loader):
    for version in ("1", "2", "1"):
        arrivals.reached(say.listed(version, "2", "1"))
        assert bundles.state().degraded == (bundles.current() is not None)
        assert arrivals.fetched(say.fetched(version))
        assert bundles.current().version == version
    assert loader.loaded == ["1", "2"]
    assert bundles.state().swaps == 3


def test_a_version_that_was_asked_for_does_not_replace_the_champion(arrivals, bundles, say, record):
    arrivals.reached(say.listed("1", "2", "1"))
    arrivals.fetched(say.fetched("1"))
    arrivals.fetched(say.fetched("2"))
    assert bundles.current().version == "1"
    assert bundles.version("2").version == "2"
    assert read_record(record).version == "1"


def test_a_refused_champion_leaves_the_last_good_one(arrivals, bundles, say, record):
    arrivals.reached(say.listed("1", "2", "1"))
    arrivals.fetched(say.fetched("1"))
    arrivals.reached(say.listed("2", "2", "1"))
    arrivals.refused(Refused("2", say.sha256_of("2"), "It is damaged."))
    state = bundles.state()
    assert (state.version, state.failed_version, state.last_error) == ("1", "2", "It is damaged.")
    assert (state.ready, state.degraded, state.refusals) == (True, True, 1)
    arrivals.reached(Checked())
    assert bundles.state().failed_version == "2"
    assert read_record(record).version == "1"
    arrivals.reached(say.listed("1", "2", "1"))
    state = bundles.state()
    assert (state.failed_version, state.last_error, state.degraded) == (None, None, False)


def test_a_bundle_that_cannot_be_loaded_is_refused(arrivals, bundles, say, loader):
    loader.refuse.add("1")
    arrivals.reached(say.listed("1", "1"))
    assert not arrivals.fetched(say.fetched("1"))
    assert not bundles.state().ready
    assert "linear.npz was changed" in bundles.state().last_error
    assert "/secret" not in bundles.state().last_error
    loader.refuse.clear()
    assert arrivals.fetched(say.fetched("1"))
    assert bundles.state().last_error is None


def test_another_bundle_than_the_one_announced_is_refused(arrivals, say, tmp_path):
    with pytest.raises(BundleDamagedError, match="another bundle than version 1"):
        arrivals._loaded("1", say.sha256_of("1"), tmp_path / say.sha256_of("2"), source="cache")


def test_a_restored_bundle_is_confirmed_without_loading_it_again(
    arrivals, bundles, say, loader, tmp_path
):
    arrivals.restore("1", say.sha256_of("1"), tmp_path)
    assert bundles.state().source == "cache"
    arrivals.reached(say.listed("1", "1"))
    arrivals.fetched(say.fetched("1"))
    assert bundles.state().source == "store"
    assert loader.loaded == ["1"]


def test_a_store_that_is_away_is_logged_once_and_serving_goes_on(arrivals, bundles, say):
    arrivals.reached(say.listed("1", "1"))
    arrivals.fetched(say.fetched("1"))
    with structlog.testing.capture_logs() as logged:
        for _ in range(5):
            arrivals.missed("It is away.")
        state = bundles.state()
        arrivals.reached(Checked())
    assert [entry["event"] for entry in logged] == [
        "bundle_store_unreachable",
        "bundle_store_reached",
    ]
    assert (state.ready, state.store_reachable, state.last_error) == (True, False, "It is away.")
    assert (bundles.state().store_reachable, bundles.state().last_error) == (True, None)


def test_a_store_without_a_champion_says_what_to_do(arrivals, bundles, say):
    arrivals.reached(say.listed(None))
    assert "quickstart" in bundles.state().last_error
    arrivals.reached(say.listed(None, "2", "1"))
    assert "models promote" in bundles.state().last_error


def test_a_cache_that_cannot_be_written_does_not_stop_serving(arrivals, bundles, say, record):
    record.mkdir()  # in the place of the file
    arrivals.reached(say.listed("1", "1"))
    with structlog.testing.capture_logs() as logged:
        assert arrivals.fetched(say.fetched("1"))
    assert bundles.state().ready
    assert "bundle_record_not_written" in [entry["event"] for entry in logged]
