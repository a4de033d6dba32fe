"""Made-up bundles, versions and messages."""

import time
from dataclasses import dataclass

import pytest

from models.errors import BundleDamagedError
from serving.bundles.messages import Fetched, KnownVersion, Listed
from serving.bundles.served import ServedBundle

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class FakeBundle:
    """Every part says which bundle it belongs to."""

    sha256: str
    version: str | None
    name: str = "made-up"


def sha256_of(version):
    return f"{int(version):064x}"


def known(version, *aliases):
    return KnownVersion(version, sha256_of(version), aliases, 0.0, {"cohort": "made-up"})


def listed(target, *versions):
    return Listed(target, tuple(known(version) for version in versions))


def fetched(version, folder="cache"):
    return Fetched(version, sha256_of(version), f"{folder}/{sha256_of(version)}")


def served(version, source="store"):
    bundle = FakeBundle(sha256_of(version), version)
    return ServedBundle(bundle, version, sha256_of(version), source, 0.0)


class FakeLoader:
    """Loads from the name of the folder; refuses what it is told to."""

    def __init__(self):
        self.refuse = set()
        self.loaded = []

    def __call__(self, folder, *, version):
        self.loaded.append(version)
        if version in self.refuse:
            raise BundleDamagedError(
                "/secret/cache/linear.npz was changed.", needed="it whole.", remedy="fetch it."
            )
        return FakeBundle(folder.name, version)


def wait_until(condition, seconds=PATIENCE_SECONDS):
    """Wait for something that another thread or process does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it did not happen within {seconds:g} s")
        time.sleep(0.01)


@pytest.fixture
def loader():
    return FakeLoader()


@pytest.fixture(name="say")
def fixture_say():
    """Ways to make messages and bundles, by name."""
    return Say()


class Say:
    known = staticmethod(known)
    listed = staticmethod(listed)
    fetched = staticmethod(fetched)
    served = staticmethod(served)
    sha256_of = staticmethod(sha256_of)
    wait_until = staticmethod(wait_until)
