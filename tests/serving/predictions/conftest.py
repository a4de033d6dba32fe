import pytest

from serving.app import THIN_PATHS
from serving.predictions.question import read_question
from serving.settings import ServingSettings


@pytest.fixture(scope="session")
def settings():
    return ServingSettings(max_profiles=5, max_genes=20, max_drugs=4)


@pytest.fixture(scope="session")
def read(settings):
    def read_document(document, **given):
        return read_question(document, settings, **given)

    return read_document


@pytest.fixture
def client(make_service, asgi_client, made_up_source):
    return asgi_client(make_service(source=made_up_source, thin_paths=THIN_PATHS))


@pytest.fixture
def profiles(made_up):
    return made_up.make_training_profiles(n_samples=7, seed=5)


@pytest.fixture(scope="session")
def by_column():
    def make(profiles, **further):
        return {
            "scale": "rma_log2",
            "genes": list(profiles.columns),
            "values": profiles.astype(float).to_numpy().tolist(),
            "ids": list(profiles.index),
        } | further

    return make


@pytest.fixture(scope="session")
def by_profile():
    def make(profiles, **further):
        return {
            "scale": "rma_log2",
            "profiles": [
                {"id": sample, "expression": {gene: float(v) for gene, v in row.items()}}
                for sample, row in profiles.iterrows()
            ],
        } | further

    return make
