"""Services with pages: one in open mode, one that asks for keys, each with a hostile drug."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

HOSTILE = "<img src=x onerror=alert(1)>\"'/&é"


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE


@pytest.fixture(scope="session")
def source(made_up, one_bundle):
    bundle = made_up.make_bundle()
    first = bundle.drugs["Cisplatin"]
    card = {
        **first.evidence_card,
        "roc_auc": {"value": 0.81, "low": 0.72, "high": 0.9},
        "lineage": {"roc_auc": 0.7, "gain": {"value": 0.11, "low": 0.01, "high": 0.2}},
        "random": {"mean": 0.65, "low": 0.6, "high": 0.7},
        "status_reason": f"Better than {HOSTILE}.",
        "n_lines": 60,
        "n_sensitive": 25,
    }
    unknown = {"roc_auc": "not estimable: too few lines."}
    drugs = {
        **bundle.drugs,
        "Cisplatin": replace(first, evidence_card=card, status="supported"),
        HOSTILE: replace(first, drug=HOSTILE, evidence_card=unknown, status="withheld"),
    }
    return one_bundle(replace(bundle, drugs=drugs))


@pytest.fixture
def client(make_service, asgi_client, source):
    return asgi_client(make_service(source=source))


@pytest.fixture
def locked_service(make_service, source):
    return make_service(source=source, open_mode=False)


class Page(HTMLParser):
    """A page, as far as its structure goes."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.ids, self.labelled, self.headings = [], [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.elements.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labelled.add(given["for"])
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))

    def all(self, *tags):
        return [given for tag, given in self.elements if tag in tags]


@pytest.fixture(scope="session")
def read_page():
    return Page
