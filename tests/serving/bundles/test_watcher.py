"""The watcher with made-up children, which say what the tests have them say."""

import queue

import pytest
import structlog

from serving.bundles.backoff import Backoff
from serving.bundles.choice import StoreAddress, StoreChoice
from serving.bundles.messages import Checked, Refused, Unreachable
from serving.bundles.watcher import StoreWatcher
from serving.errors import NotReadyError

END = object()


class FakeChild:
    """Says what is put into it; ends when it is closed."""

    pid = 0

    def __init__(self, orders):
        self.orders = orders
        self.says = queue.SimpleQueue()
        self.asked = []
        self.ended = 0

    def messages(self, *, silence_seconds):
        while (message := self.says.get(timeout=silence_seconds)) is not END:
            if isinstance(message, Exception):
                raise message
            yield message

    def fetch(self, version):
        self.asked.append(("fetch", version))

    def again(self, version):
        self.asked.append(("again", version))

    def close(self):
        self.says.put(END)

    def end(self):
        self.ended += 1
        return "with code 1: it broke"


class Children(list):
    def __call__(self, orders):
        self.append(FakeChild(orders))
        return self[-1]


@pytest.fixture
def children():
    return Children()


@pytest.fixture
def make_watcher(tmp_path, loader, children):
    made = []

    def make(uri="sqlite:///x", start_child=children):
        watcher = StoreWatcher(
            StoreChoice("champion"),
            StoreAddress(uri, cache=tmp_path / "cache"),
            load=loader,
            silence_seconds=60,
            start_child=start_child,
            backoff=Backoff(first_seconds=0.001, longest_seconds=0.001),
        )
        made.append(watcher)
        return watcher

    yield make
    for watcher in made:
        watcher.stop()


def start(watcher, children, say):
    """Start it, and wait for its next child."""
    before = len(children)
    watcher.start()
    say.wait_until(lambda: len(children) > before)
    return children[-1]


def tell(child, *messages):
    for message in messages:
        child.says.put(message)


def test_it_serves_what_the_child_brings_and_follows_it(make_watcher, children, say):
    watcher = make_watcher()
    child = start(watcher, children, say)
    assert not watcher.bundles.state().ready
    for version in ("1", "2"):
        tell(child, say.listed(version, "2", "1"), say.fetched(version))
        say.wait_until(lambda version=version: watcher.bundles.state().version == version)
    watcher.stop()
    assert child.ended == 1
    assert len(children) == 1


def test_a_restart_serves_from_the_cache_and_proves_nothing_twice(make_watcher, children, say):
    first = make_watcher()
    child = start(first, children, say)
    assert child.orders.proved == ()
    tell(child, say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: first.bundles.state().ready)
    first.stop()
    second = make_watcher()
    child = start(second, children, say)
    state = second.bundles.state()
    assert (state.ready, state.version, state.source) == (True, "1", "cache")
    assert child.orders.proved == (say.sha256_of("1"),)
    tell(child, Unreachable("It is away."))
    say.wait_until(lambda: second.bundles.state().last_error == "It is away.")
    assert second.bundles.state().ready


def test_the_cache_of_another_store_is_not_served(make_watcher, children, say):
    first = make_watcher()
    tell(start(first, children, say), say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: first.bundles.state().ready)
    first.stop()
    other = make_watcher(uri="sqlite:///y")
    other.start()
    assert not other.bundles.state().ready


def test_a_damaged_cache_is_refused_and_brought_again(make_watcher, children, say, loader):
    first = make_watcher()
    tell(start(first, children, say), say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: first.bundles.state().ready)
    first.stop()
    loader.refuse.add("1")
    second = make_watcher()
    child = start(second, children, say)
    state = second.bundles.state()
    assert not state.ready
    assert state.last_error.startswith("The cache was refused: linear.npz was changed")
    assert child.orders.proved == ()
    loader.refuse.clear()
    tell(child, say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: second.bundles.state().ready)
    assert second.bundles.state().last_error is None


def test_a_child_that_ends_is_started_again_and_the_bundle_serves_on(make_watcher, children, say):
    watcher = make_watcher()
    child = start(watcher, children, say)
    tell(child, say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: watcher.bundles.state().ready)
    with structlog.testing.capture_logs() as logged:
        tell(child, END)
        say.wait_until(lambda: len(children) == 2)
    state = watcher.bundles.state()
    assert (state.ready, state.restarts) == (True, 1)
    assert "it broke" in state.last_error
    # That the bundle is served may be logged a moment after it is.
    assert [entry["event"] for entry in logged if entry["event"] != "bundle_served"] == [
        "bundle_watcher_ended"
    ]
    assert (child.ended, children[1].orders.proved) == (1, (say.sha256_of("1"),))
    tell(children[1], Checked())
    say.wait_until(lambda: watcher.bundles.state().last_error is None)


def test_a_child_that_talks_nonsense_is_replaced(make_watcher, children, say):
    watcher = make_watcher()
    child = start(watcher, children, say)
    tell(child, ValueError("not a message of the fetcher"))
    say.wait_until(lambda: len(children) == 2)
    assert child.ended == 1


def test_a_child_that_cannot_be_started_is_tried_again(make_watcher, children, say):
    tries = []

    def start_child(orders):
        tries.append(orders)
        if len(tries) < 3:
            raise OSError(12, "Cannot allocate memory")
        return children(orders)

    watcher = make_watcher(start_child=start_child)
    child = start(watcher, children, say)
    assert "Cannot allocate memory" in watcher.bundles.state().last_error
    tell(child, say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: watcher.bundles.state().ready)


def test_a_refused_champion_is_in_the_state(make_watcher, children, say):
    watcher = make_watcher()
    child = start(watcher, children, say)
    tell(child, say.listed("1", "2", "1"), say.fetched("1"), say.listed("2", "2", "1"))
    tell(child, Refused("2", say.sha256_of("2"), "It is damaged."))
    say.wait_until(lambda: watcher.bundles.state().failed_version == "2")
    state = watcher.bundles.state()
    assert (state.version, state.degraded, state.last_error) == ("1", True, "It is damaged.")


def test_what_cannot_be_loaded_is_asked_for_again(make_watcher, children, say, loader):
    loader.refuse.add("1")
    watcher = make_watcher()
    child = start(watcher, children, say)
    tell(child, say.listed("1", "1"), say.fetched("1"))
    say.wait_until(lambda: child.asked == [("again", "1")])
    assert not watcher.bundles.state().ready


def test_a_version_is_asked_for_once_until_it_comes(make_watcher, children, say):
    watcher = make_watcher()
    child = start(watcher, children, say)
    tell(child, say.listed("1", "2", "1"), say.fetched("1"))
    say.wait_until(lambda: watcher.bundles.state().ready)
    for _ in range(5):
        with pytest.raises(NotReadyError):
            watcher.bundles.version("2")
    assert child.asked == [("fetch", "2")]
    tell(child, say.fetched("2"), Checked())
    say.wait_until(lambda: watcher.bundles.kept("2", say.sha256_of("2")))
    assert watcher.bundles.version("2").version == "2"
    assert watcher.bundles.current().version == "1"


def test_stopping_what_was_never_started(make_watcher):
    make_watcher().stop()
