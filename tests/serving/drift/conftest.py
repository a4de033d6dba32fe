"""A reference, counts and a service for tests of drift."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models.compiled import CompiledBundle
from models.drift.counting import Counter
from serving.bundles.served import ServedBundle

SHA256 = "cd" * 32


@pytest.fixture(scope="session")
def made_up_bundle(made_up):
    return made_up.make_bundle()


@pytest.fixture(scope="session")
def compiled(made_up_bundle):
    return CompiledBundle(made_up_bundle)


@pytest.fixture(scope="session")
def served(compiled):
    return ServedBundle(compiled, "3", SHA256, "store", 0.0)


@pytest.fixture(scope="session")
def counter(made_up_bundle):
    return Counter.of(made_up_bundle, sha256=SHA256)


@pytest.fixture(scope="session")
def answers_of(compiled):
    """Answer profiles drawn as the training lines were, moved up by so many standard deviations."""

    def answers_of(n=20, *, seed=0, shift=0.0):
        reference = compiled.bundle.features.reference_
        z = np.random.default_rng(seed).normal(size=(n, len(reference.genes))) + shift
        values = (reference.location + reference.scale * z).clip(0.05, 15.5)
        return compiled.predict(list(reference.genes), values, scale="rma_log2")

    return answers_of


@pytest.fixture
def counts_of(counter, answers_of):
    def counts_of(n=20, **options):
        return counter.count([answers_of(n, **options)], set())

    return counts_of


@pytest.fixture
def now(clock):
    return datetime.fromtimestamp(clock(), UTC)
