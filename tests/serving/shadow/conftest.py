"""A champion, a challenger, and a store that names both, for tests of the shadow."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from models.compiled import CompiledBundle
from serving.bundles.holder import ServedBundles
from serving.bundles.messages import KnownVersion
from serving.bundles.served import ServedBundle
from serving.predictions.profiles import Profiles
from serving.predictions.question import Question
from serving.reviews.approval_cache import ApprovalCache
from serving.shadow.asked import ShadowAsked
from serving.shadow.challenger import ChallengerInMemory
from serving.shadow.recorder import ShadowRecorder

CHAMPION, CHALLENGER = "ab" * 32, "cd" * 32
LEAST = 20


@dataclass
class Store:
    """A source of bundles whose listing a test writes; it brings what `brings` holds."""

    bundles: ServedBundles = None
    brings: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def __post_init__(self):
        self.bundles = ServedBundles(request_version=self._bring)

    def _bring(self, number):
        self.asked.append(number)
        if number in self.brings:
            self.bundles.keep(self.brings[number])

    def start(self):
        pass

    def stop(self):
        pass

    def name(self, **aliases):
        """Say which served bundle bears which alias."""
        listed = tuple(
            KnownVersion(one.version, one.sha256, (alias,), 0.0, {})
            for alias, one in aliases.items()
        )
        self.bundles.note(replace(self.bundles.progress, versions=listed))

    def refuse(self, number, why):
        progress = self.bundles.progress
        self.bundles.note(replace(progress, other_refusals={number: why}))


@pytest.fixture(scope="session")
def champion(made_up):
    return ServedBundle(CompiledBundle(made_up.make_bundle()), "1", CHAMPION, "store", 0.0)


@pytest.fixture(scope="session")
def challenger(made_up):
    bundle = CompiledBundle(made_up.make_bundle(seed=5))
    return ServedBundle(bundle, "2", CHALLENGER, "store", 0.0)


@pytest.fixture
def store(champion, challenger):
    store = Store(brings={"2": challenger})
    store.bundles.serve(champion)
    store.name(champion=champion, challenger=challenger)
    return store


@pytest.fixture
def following(store):
    """What follows the alias; the challenger is in memory."""
    following = ChallengerInMemory(store.bundles)
    following.look()
    following.look()
    return following


@pytest.fixture(scope="session")
def ask():
    """Make an answered request of profiles drawn as the training lines were."""

    def ask(served, n=1, *, seed=0, drugs=None):
        reference = served.bundle.bundle.features.reference_
        z = np.random.default_rng(seed).normal(size=(n, len(reference.genes)))
        values = (reference.location + reference.scale * z).clip(0.05, 15.5)
        ids = tuple(f"s{number}" for number in range(n))
        profiles = Profiles(list(reference.genes), values, ids)
        question = Question(profiles, "rma_log2", drugs, 0.8, "auto", None)
        answers = served.bundle.predict(
            list(reference.genes), values, scale="rma_log2", drugs=drugs
        )
        return ShadowAsked(question, served, answers, 0.001)

    return ask


class Outcomes(dict):
    def __call__(self, outcome):
        self[outcome] = self.get(outcome, 0) + 1


@pytest.fixture
def outcomes():
    return Outcomes()


@pytest.fixture
def approvals(sqlite_database):
    return ApprovalCache(sqlite_database, n_people=1, clock=lambda: 1_800_000_000.0)


@pytest.fixture
def recorder(sqlite_database, following, approvals, clock, outcomes):
    return ShadowRecorder(
        sqlite_database, following, approvals, clock=clock, store_seconds=30, at_least=LEAST,
        on_counted=outcomes,
    )  # fmt: skip
