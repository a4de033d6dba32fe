"""A service with a bundle of made-up drugs, one of which bears a slash in its name."""

from dataclasses import replace

import pytest

SLASHED = "A/B + C? (5 uM) é"


@pytest.fixture(scope="session")
def source(made_up, one_bundle):
    bundle = made_up.make_bundle()
    first = bundle.drugs["Cisplatin"]
    card = {
        **first.evidence_card,
        "roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9},
        "status_reason": "Better than random gene sets.",
        "n_lines": 60,
        "n_sensitive": 25,
    }
    none = {"roc_auc": "not estimable: too few lines."}
    drugs = {
        **bundle.drugs,
        "Cisplatin": replace(first, evidence_card=card),
        SLASHED: replace(first, drug=SLASHED, evidence_card=none, status="withheld"),
        "=cmd()": replace(first, drug="=cmd()", status="withheld"),
    }
    return one_bundle(replace(bundle, drugs=drugs))


@pytest.fixture
def client(make_service, asgi_client, source):
    return asgi_client(make_service(source=source))


@pytest.fixture
def slashed():
    return SLASHED
