"""A trained bundle, and what can be made of it to put before the gate."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from models.store import BundleStore
from training.promotion.policy import load_policy


class Changed:
    """Ways to change a bundle; nothing is learned again."""

    @staticmethod
    def drug(bundle, drug, **changes):
        models = {**bundle.drugs, drug: replace(bundle.drugs[drug], **changes)}
        return replace(bundle, drugs=models)

    def held_out(self, bundle, change):
        """Change the held-out predictions of every drug."""
        for drug, model in bundle.drugs.items():
            bundle = self.drug(bundle, drug, held_out=change(model.held_out))
        return bundle

    def noisier(self, bundle, share, seed=0):
        """Scores and probabilities partly replaced by chance; labels and folds stay."""
        random = np.random.default_rng(seed)

        def change(held_out):
            drawn = random.permuted(held_out.score, axis=1)
            is_chance = random.random(held_out.score.shape) < share
            probability = random.permuted(held_out.probability, axis=1)
            return replace(
                held_out,
                score=np.where(is_chance, drawn, held_out.score),
                probability=np.where(is_chance, probability, held_out.probability),
            )

        return self.held_out(bundle, change)


@pytest.fixture(scope="session")
def changed():
    return Changed()


@pytest.fixture(scope="session")
def policy():
    return replace(load_policy(), n_draws=200)


@pytest.fixture(scope="session")
def champion(registered):
    """Simulated, as is all that can be learned in seconds."""
    return registered.bundle


@pytest.fixture
def store(registered, tmp_path):
    """Copy of the store of the trained bundle; its artifacts stay where they are."""
    database = registered.store.tracking_uri.removeprefix("sqlite:///")
    copy = shutil.copy(database, tmp_path / "mlflow.db")
    return BundleStore(f"sqlite:///{copy}", cache=tmp_path / "cache")
