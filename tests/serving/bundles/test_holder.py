import threading
from dataclasses import replace

import pytest

from serving.bundles.holder import ServedBundles
from serving.bundles.readiness import readiness
from serving.errors import NotFoundError, NotReadyError


def test_before_anything_is_loaded():
    bundles = ServedBundles()
    assert bundles.current() is None
    assert not bundles.state().ready
    assert not bundles.state().degraded
    with pytest.raises(NotReadyError, match="No bundle is loaded"):
        bundles.require()


def test_a_request_that_keeps_its_bundle_never_sees_two(say):
    """Thousands of requests while bundles are swapped: each is answered by one bundle alone."""
    bundles = ServedBundles()
    choices = [say.served(str(number)) for number in range(1, 4)]
    bundles.serve(choices[0])
    done = threading.Event()
    answers = [0, 0]
    mixed = []

    def ask(reader):
        while not done.is_set():
            for _ in range(500):
                served = bundles.current()
                one = (served.version, served.sha256)
                two = (served.bundle.version, served.bundle.sha256)
                state = bundles.state()
                three = (state.version, state.sha256)
                whole = say.sha256_of(three[0]) == three[1]
                if one != two or not whole:
                    mixed.append((one, two, three))
            answers[reader] += 500

    readers = [threading.Thread(target=ask, args=(reader,)) for reader in range(2)]
    for reader in readers:
        reader.start()
    swaps = 0
    while min(answers) < 5_000 or swaps < 100:
        swaps += 1
        bundles.serve(choices[swaps % 3])
    done.set()
    for reader in readers:
        reader.join()
    assert mixed == []
    assert bundles.state().swaps == swaps + 1


def test_what_the_store_wants_decides_whether_it_is_degraded(say):
    bundles = ServedBundles()
    bundles.serve(say.served("1", source="cache"))
    assert not bundles.state().degraded  # the store was not asked yet
    progress = replace(bundles.progress, looked=True)
    bundles.note(replace(progress, wanted=say.known("1")))
    assert not bundles.state().degraded
    bundles.note(replace(progress, wanted=say.known("2")))
    assert bundles.state().degraded
    bundles.note(replace(progress, wanted=replace(say.known("1"), sha256="f" * 64)))
    assert bundles.state().degraded
    bundles.note(replace(progress, wanted=None))
    assert bundles.state().degraded


def with_versions(say, *numbers, **options):
    bundles = ServedBundles(**options)
    bundles.note(replace(bundles.progress, versions=say.listed(None, *numbers).versions))
    return bundles


def test_other_versions_are_asked_for_and_kept(say):
    asked = []
    bundles = with_versions(say, "4", "3", "2", "1", request_version=asked.append)
    bundles.serve(say.served("1"))
    assert bundles.version("1").version == "1"
    assert asked == []
    with pytest.raises(NotReadyError, match="being fetched"):
        bundles.version("2")
    assert asked == ["2"]
    bundles.keep(say.served("2"))
    assert bundles.version("2").version == "2"
    with pytest.raises(NotFoundError):
        bundles.version("9")
    assert asked == ["2"]


def test_the_least_asked_for_version_is_dropped(say):
    bundles = with_versions(say, "4", "3", "2", "1")
    bundles.keep(say.served("1"))
    bundles.keep(say.served("2"))
    bundles.version("1")
    bundles.keep(say.served("3"))
    assert bundles.version("1").version == "1"
    with pytest.raises(NotReadyError):
        bundles.version("2")


def test_a_refused_version_is_not_fetched_at_every_request(say):
    asked = []
    bundles = with_versions(say, "2", request_version=asked.append)
    bundles.note(replace(bundles.progress, other_refusals={"2": "It is damaged."}))
    with pytest.raises(NotReadyError, match="It is damaged"):
        bundles.version("2")
    assert asked == []


def test_the_bundle_before_stays_at_hand(say):
    bundles = with_versions(say, "2", "1")
    bundles.serve(say.served("1"))
    bundles.serve(say.served("2"))
    assert bundles.version("1").version == "1"
    assert bundles.kept("1", say.sha256_of("1")).version == "1"
    assert bundles.kept("1", say.sha256_of("2")) is None


def test_readiness(say):
    bundles = ServedBundles()
    status, body = readiness(bundles.state())
    assert (status, body["ready"]) == (503, False)
    assert "nothing is loaded yet" in body["reason"]
    bundles.serve(say.served("1"))
    status, body = readiness(bundles.state())
    assert (status, body["ready"], body["bundle"], body["version"]) == (200, True, "made-up", "1")
    assert (body["sha256"], body["source"], body["reason"]) == (say.sha256_of("1"), "store", None)
    refused = {"refused_version": "2", "refusal": "It is damaged.", "looked": True}
    bundles.note(replace(bundles.progress, wanted=say.known("2"), **refused))
    status, body = readiness(bundles.state())
    assert (status, body["degraded"], body["failed_version"]) == (200, True, "2")
    assert body["reason"] == "It is damaged."
