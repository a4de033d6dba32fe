"""Keys in a database, and an authenticator that knows them."""

import pytest

from serving.access.authentication import Authenticator
from serving.access.key_cache import KeyCache
from serving.access.key_store import KeyStore


class FakeStore(KeyStore):
    """A store that counts how often it is read, and can be away."""

    def __init__(self, database, *, clock):
        super().__init__(database, clock=clock)
        self.reads = 0
        self.away = None

    def changes(self):
        self.reads += 1
        if self.away is not None:
            raise self.away
        return super().changes()


@pytest.fixture
def store(sqlite_database, clock):
    return FakeStore(sqlite_database, clock=clock)


@pytest.fixture
def cache(store, clock):
    cache = KeyCache(store, monotonic=clock)
    cache.refresh()
    return cache


@pytest.fixture
def authenticator(cache, clock):
    return Authenticator(cache, clock=clock, monotonic=clock, failures_per_minute=5)
