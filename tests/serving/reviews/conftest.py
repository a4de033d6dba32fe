"""A bundle at the review desk, and clients with keys of every role."""

from dataclasses import replace

import pytest

from serving.access.opening import open_access
from serving.app import create_app
from serving.database.schema import upgrade_database
from serving.reviews.findings import DrugFigures, Finding, ReviewMaterial, priority_of
from serving.reviews.material_store import store_material
from serving.settings import ServingSettings

SHA = "ab" * 32
ROLES = {
    "viewer": ["predict"],
    "reviewer": ["review"],
    "other reviewer": ["review"],
    "lead": ["review", "operate"],
    "second lead": ["review", "operate"],
    "admin": ["admin"],
    "prometheus": ["operate"],
}


def make_finding(number, *, drug="Cisplatin", kind="top_gene", sha256=SHA, share=0.5):
    return Finding(
        sha256,
        drug,
        kind,
        f"GENE{number}",
        f"{drug}: higher expression of GENE{number} is associated with sensitivity.",
        {"share": share, "number": number},
        priority_of(kind, "supported", share),
    )


def make_material(findings, *, sha256=SHA, drugs=("Cisplatin", "Docetaxel", "=cmd()")):
    listed = tuple(
        DrugFigures(drug, "supported", {"roc_auc": 0.7}, f"{at:02d}" * 32)
        for at, drug in enumerate(drugs)
    )
    return ReviewMaterial(sha256, "made up", "made-up", True, listed, tuple(findings))


@pytest.fixture(scope="session", name="make_finding")
def fixture_make_finding():
    return make_finding


@pytest.fixture(scope="session", name="make_material")
def fixture_make_material():
    return make_material


@pytest.fixture(scope="session")
def sha():
    return SHA


@pytest.fixture
def material():
    kinds = ("top_gene", "surprising_direction", "contradicted_claim")
    return make_material(
        [make_finding(at, kind=kinds[at % 3], share=at / 10) for at in range(6)]
        + [make_finding(9, drug="=cmd()")]
    )


@pytest.fixture
def desk(database, material, clock):
    """A database of each kind with the findings of a small bundle."""
    assert store_material(database, material, clock=clock, stored_by="test")
    return database


class Desk:
    """The service over a database, asked with keys by role."""

    def __init__(self, app, access, asgi_client):
        self.app, self.access, self._asgi = app, access, asgi_client
        self.keys = {
            name: access.keys.create(name, scopes, created_by="test")[0].text
            for name, scopes in ROLES.items()
        }

    def ask(self, who, method, path, *, version=None, **options):
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        path = path if path.startswith("/v1/drugs") else f"/v1/reviews/{path}"
        return self._asgi(self.app).request(method, path, headers=headers, **options)

    def get(self, who, path, **options):
        return self.ask(who, "GET", path, **options)

    def post(self, who, path, body, **options):
        return self.ask(who, "POST", path, json=body, **options)


class NoBundle:
    """A source that never has a bundle: the desk works without one."""

    def __init__(self):
        from serving.bundles.holder import ServedBundles

        self.bundles = ServedBundles()

    def start(self):
        """Do nothing."""

    def stop(self):
        """Do nothing."""


@pytest.fixture
def make_desk(database_address, material, clock, asgi_client, tmp_path):
    """Put the service over a database of each kind, with findings at the desk."""
    opened = []

    def make(**given):
        settings = ServingSettings(
            state=tmp_path, database_url=database_address, upgrade_database=True, **given
        )
        access = open_access(settings, clock=clock, monotonic=clock)
        opened.append(access)
        upgrade_database(access.database)
        access.key_cache.refresh()
        store_material(access.database, material, clock=clock, stored_by="test")
        app = create_app(settings, bundles=NoBundle(), access=access, clock=clock)
        return Desk(app, access, asgi_client)

    yield make
    for access in opened:
        access.close()


@pytest.fixture
def open_desk(make_desk):
    return make_desk()


@pytest.fixture
def finding_id():
    return make_finding(0, kind="top_gene", share=0.0).id


@pytest.fixture
def renamed():
    """Make the same finding again under another text."""
    return replace
