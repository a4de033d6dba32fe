"""The page of the decisions, on SQLite and on Postgres."""

import re
from html import escape

import pytest

from serving.reviews.findings import DrugFigures, Finding, ReviewMaterial
from serving.reviews.material_store import store_material

SHA = "cd" * 32
HOSTILE = "=1+1 <script>alert(1)</script>"
DRUGS = ("Cisplatin", "A/B?")


@pytest.fixture
def findings():
    return [
        Finding(SHA, drug, "top_gene", f"GENE{at}", "It is associated.", {"share": 0.5}, at)
        for at, drug in enumerate(DRUGS)
    ]


@pytest.fixture
def desk(site, findings, clock):
    listed = tuple(DrugFigures(drug, "supported", {}, "ef" * 32) for drug in DRUGS)
    material = ReviewMaterial(SHA, "a bundle", "made-up", True, listed, tuple(findings))
    store_material(site.access.database, material, clock=clock, stored_by="test")
    return site


@pytest.fixture
def reviewer(desk, make_browser):
    browser = make_browser(desk.app)
    browser.log_in(desk.keys["A. Reviewer"].text)
    return browser


def judge(browser, finding, clock, *, version=0, **entry):
    clock.advance(1)
    headers = {"If-Match": f'"{version}"', "X-CSRF-Token": browser.token()}
    path = f"/v1/reviews/findings/{finding.id}/entries"
    answer = browser.post(path, headers=headers, json={"verdict": "plausible", **entry})
    assert answer.status_code == 201, answer.text


def rows_of(page):
    return re.findall(r"<tr>\s*<td.*?</tr>", page.text, re.DOTALL)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_before_any_decision_the_page_says_so(reviewer):
    page = reviewer.get("/reviews/audit")
    assert page.status_code == 200
    assert "Nobody has decided anything yet" in page.text


def test_a_decision_stands_with_its_time_person_and_figures(reviewer, findings, clock):
    judge(reviewer, findings[0], clock, comment=HOSTILE, reference="pmid:35298263")
    (row,) = rows_of(reviewer.get("/reviews/audit"))
    assert "judged plausible" in row
    assert "A. Reviewer" in row
    assert "ef" * 32 in row
    assert escape(HOSTILE) in row
    assert "<script>" not in row
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/35298263/"' in row
    assert f'href="/reviews/{SHA}?finding={findings[0].id}"' in row
    assert re.search(r"\d\d:\d\d:\d\d UTC", row)


def test_all_kinds_of_decisions_are_in_words(desk, reviewer, findings, make_browser, clock):
    lead = make_browser(desk.app)
    lead.log_in(desk.keys["A. Lead"].text)
    judge(reviewer, findings[0], clock)
    judge(reviewer, findings[0], clock, version=1, verdict="withdrawn")
    token = {"X-CSRF-Token": lead.token(), "If-Match": '"0"'}
    path = f"/v1/reviews/findings/{findings[1].id}/assignment"
    lead.post(path, headers=token, json={"assignee": "A. Reviewer"})
    decision = {
        "bundle_sha256": SHA,
        "drug": "A/B?",
        "decision": "approve_with_limits",
        "limits": "Not for children.",
        "figures_sha256": "ef" * 32,
    }
    clock.advance(1)
    assert lead.post("/v1/reviews/sign-offs", headers=token, json=decision).status_code == 201
    rows = rows_of(lead.get("/reviews/audit"))
    words = ("approved with limits", "assigned to", "took a judgement back", "judged plausible")
    assert [said in row for said, row in zip(words, rows, strict=True)] == [True] * 4
    assert "Not for children." in rows[0]
    assert f'href="/reviews/{SHA}/A%2FB%3F"' in rows[0]


def test_decisions_are_filtered_by_bundle_drug_and_person(reviewer, findings, clock):
    for finding in findings:
        judge(reviewer, finding, clock)

    def count(query):
        return len(rows_of(reviewer.get(f"/reviews/audit?{query}")))

    assert count("") == count(f"bundle={SHA}") == count("reviewer=A.%20Reviewer") == 2
    assert count("bundle=&drug=&reviewer=") == 2
    assert count("drug=Cisplatin") == count(f"drug=A%2FB%3F&bundle={SHA}") == 1
    assert count("reviewer=nobody") == count("drug=none") == count(f"bundle={'0' * 64}") == 0
    assert "No decision fits" in reviewer.get("/reviews/audit?drug=none").text
    answer = reviewer.get("/v1/reviews/audit?reviewer=A.%20Reviewer")
    assert len(answer.json()["items"]) == 2
    assert reviewer.get("/v1/reviews/audit?reviewer=nobody").json()["items"] == []


def test_older_decisions_are_on_further_pages_each_once(reviewer, findings, clock):
    for version in range(5):
        judge(reviewer, findings[0], clock, version=version, comment=f"number {version}")
    seen, path = [], "/reviews/audit?limit=2&drug=Cisplatin"
    while path:
        page = reviewer.get(path)
        seen += re.findall(r"number (\d)", page.text)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = older and older[1].replace("&amp;", "&") + "&limit=2"
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("query", ["bundle=x", "cursor=%00", "drug=%00", "limit=0", "what=else"])
@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_an_address_that_is_none_of_ours_is_refused_on_a_page(reviewer, query):
    answer = reviewer.get(f"/reviews/audit?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert re.search(r'<a href="/reviews" aria-current="page">', answer.text)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_only_reviewers_see_it(desk, make_browser):
    viewer = make_browser(desk.app)
    assert viewer.get("/reviews/audit").headers["location"] == "/login?next=/reviews/audit"
    viewer.log_in(desk.keys["V. Viewer"].text)
    assert viewer.get("/reviews/audit").status_code == 403
