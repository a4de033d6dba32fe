"""The child's view: a made-up store, proofs that can be made to fail, and a clock."""

from pathlib import Path

import pytest

from models.errors import BundleDamagedError, StoreError
from models.store import StoredBundle
from serving.bundles.messages import Checked, Fetched, Listed, Orders, Refused, Unreachable, Working
from serving.bundles.store_poll import StorePoll


class FakeStore:
    def __init__(self, say):
        self.sha256_of = say.sha256_of
        self.aliases = {"champion": "1"}
        self.numbers = ["2", "1"]
        self.away = False
        self.fetches = []
        self.refuse = set()

    def list(self):
        if self.away:
            raise StoreError("http://me:pw@host is away.", needed="a store.", remedy="start it.")
        return [
            StoredBundle(
                number,
                tuple(alias for alias, of in self.aliases.items() if of == number),
                self.sha256_of(number),
                None,
                0.0,
                {},
            )
            for number in self.numbers
        ]

    def fetch(self, version):
        self.fetches.append(version)
        if version in self.refuse:
            raise BundleDamagedError("/srv/x.npz was changed.", needed="it.", remedy="fetch it.")
        return Path("/cache") / self.sha256_of(version)


class Watched:
    """A poll with everything around it made up."""

    def __init__(self, say, *, wanted="champion", proved=()):
        self.store = FakeStore(say)
        self.said = []
        self.proofs = []
        self.unsound = set()
        self.there = True
        self.now = 0.0
        orders = Orders("sqlite:///x", "/cache", "cupromark", wanted, 5.0, tuple(proved))
        self.poll = StorePoll(
            self.store,
            orders,
            prove=self.prove,
            say=self.said.append,
            is_there=lambda: self.there,
            clock=lambda: self.now,
        )

    def prove(self, folder):
        self.proofs.append(folder.name)
        if folder.name in self.unsound:
            raise BundleDamagedError(
                f"The bundle in {folder} differs.", needed="the same.", remedy="do not serve it."
            )

    def look(self):
        """Look once; return what was said, without signs of life."""
        self.said.clear()
        self.poll.look()
        return [message for message in self.said if not isinstance(message, Working)]


@pytest.fixture
def watched(say):
    return Watched(say)


def test_the_first_look_brings_the_champion_and_the_second_nothing(watched, say):
    listing, brought = watched.look()
    assert isinstance(listing, Listed)
    assert (listing.target, [one.version for one in listing.versions]) == ("1", ["2", "1"])
    assert brought == Fetched("1", say.sha256_of("1"), f"/cache/{say.sha256_of('1')}")
    assert watched.proofs == [say.sha256_of("1")]
    assert watched.look() == [Checked()]
    assert (watched.store.fetches, len(watched.proofs)) == (["1"], 1)


def test_a_moved_champion_is_brought_and_a_rollback_is_not_proved_again(watched):
    watched.look()
    for version, proofs in (("2", 2), ("1", 2)):
        watched.store.aliases["champion"] = version
        listing, brought = watched.look()
        assert (listing.target, brought.version) == (version, version)
        assert len(watched.proofs) == proofs


def test_a_bundle_that_was_proved_before_the_start_is_not_proved_again(say):
    watched = Watched(say, proved=[say.sha256_of("1")])
    assert watched.look()[-1].version == "1"
    assert watched.proofs == []


def test_a_pinned_version_stays(say):
    watched = Watched(say, wanted="2")
    assert watched.look()[-1].version == "2"
    watched.store.aliases["champion"] = "2"
    assert [type(message) for message in watched.look()] == [Listed]


def test_nothing_is_brought_while_no_version_has_the_alias(watched):
    watched.store.aliases = {"challenger": "2"}
    (listing,) = watched.look()
    assert listing.target is None
    watched.store.aliases["champion"] = "2"
    assert watched.look()[-1].version == "2"


@pytest.mark.parametrize("fault", ["artifact", "golden answers"])
def test_a_bundle_that_fails_is_refused_and_tried_again_ever_more_seldom(watched, say, fault):
    unsound = {"artifact": watched.store.refuse, "golden answers": watched.unsound}[fault]
    name = {"artifact": "1", "golden answers": say.sha256_of("1")}[fault]
    unsound.add(name)
    refused = watched.look()[-1]
    assert isinstance(refused, Refused)
    assert refused.version == "1"
    assert "/" not in refused.reason
    tries = []
    for _ in range(40):
        watched.now += 1
        if isinstance(watched.look()[-1], Refused):
            tries.append(watched.now)
    assert tries == [5, 15, 35]
    unsound.clear()
    watched.now += 100
    assert isinstance(watched.look()[-1], Fetched)


def test_a_refused_bundle_is_tried_again_at_once_when_the_champion_moves_back(watched):
    watched.store.refuse.add("1")
    watched.look()
    watched.store.aliases["champion"] = "2"
    assert watched.look()[-1].version == "2"
    watched.store.refuse.clear()
    watched.store.aliases["champion"] = "1"
    assert isinstance(watched.look()[-1], Fetched)


def test_a_bundle_that_the_service_could_not_load_is_brought_and_proved_again(watched):
    watched.look()
    watched.poll.again("1")
    assert watched.look() == [Checked()]
    watched.now += 6
    assert watched.look()[-1].version == "1"
    assert len(watched.proofs) == 2


def test_a_store_that_is_away_is_said_to_be_and_without_its_address(watched):
    watched.look()
    watched.store.away = True
    (away,) = watched.look()
    assert isinstance(away, Unreachable)
    assert "is away" in away.reason
    assert "pw" not in away.reason
    assert "host" not in away.reason
    watched.store.away = False
    assert watched.look() == [Checked()]


def test_no_store_is_made_where_there_is_none(watched):
    watched.there = False
    (away,) = watched.look()
    assert "no store of bundles yet" in away.reason


def test_versions_are_brought_by_number(watched):
    watched.look()
    watched.said.clear()
    watched.poll.fetch("2")
    watched.poll.fetch("9")  # unknown
    assert [message.version for message in watched.said if isinstance(message, Fetched)] == ["2"]
