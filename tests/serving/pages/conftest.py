"""Services with pages: one in open mode, one that asks for keys, each with a hostile drug."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from serving.access.opening import open_access
from serving.app import create_app
from serving.settings import ServingSettings

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


class Browser:
    """Asks an application as a browser does: it keeps cookies and says where it comes from."""

    def __init__(self, app, asgi_client, *, origin="http://127.0.0.1"):
        self._client = asgi_client(app)
        self.origin = origin
        self.cookies = {}
        self.said = []

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def post(self, path, *, headers=None, **options):
        return self.ask("POST", path, headers={"Origin": self.origin, **(headers or {})}, **options)

    def ask(self, method, path, *, headers, **options):
        if self.cookies:
            held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": held, **headers}
        answer = self._client.request(method, path, headers=headers, **options)
        self.said += answer.headers.get_list("set-cookie")
        for said in answer.headers.get_list("set-cookie"):
            name, _, value = said.partition(";")[0].partition("=")
            if "Max-Age=0" in said:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def log_in(self, key, *, following="/"):
        form = self.get(f"/login?next={following}")
        fields = {"key": key, "next": following, "csrf_token": form_token(form.text)}
        return self.post("/login", data=fields)

    def token(self):
        return re.search(r'<meta name="csrf-token" content="([^"]+)"', self.get("/session").text)[1]


def form_token(html):
    form = html.partition('action="/login"')[2]
    return re.search(r'name="csrf_token" value="([^"]+)"', form)[1]


@pytest.fixture
def make_browser(asgi_client):
    def make(app, **options):
        return Browser(app, asgi_client, **options)

    return make


class Site:
    """The whole service over a database, with keys by role; its clock is the test's."""

    def __init__(self, access, app):
        self.access, self.app = access, app
        self.keys = {
            name: access.keys.create(name, scopes, created_by="test")[0]
            for name, scopes in {
                "V. Viewer": ["predict"],
                "A. Reviewer": ["predict", "review"],
                "A. Lead": ["predict", "review", "operate"],
                "prometheus": ["operate"],
            }.items()
        }
        access.key_cache.refresh()


@pytest.fixture
def make_site(source, clock, tmp_path):
    opened = []

    def make(address, **given):
        settings = ServingSettings(
            state=tmp_path, database_url=address, upgrade_database=True, **given
        )
        access = open_access(settings, clock=clock, monotonic=clock)
        opened.append(access)
        access.key_cache.refresh()
        return Site(access, create_app(settings, bundles=source, access=access, clock=clock))

    yield make
    for access in opened:
        access.close()


@pytest.fixture
def site(database_address, make_site):
    """The service over a database of each kind."""
    return make_site(database_address)
