"""The review desk in Chromium: a whole review by keyboard, against SQLite and Postgres."""

import csv
import json
import time
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import expect

from models.bundle_files import load_bundle
from serving.access.key_store import KeyStore
from serving.database.engine import open_database
from serving.database.schema import prepare_database
from serving.reviews.findings import DrugFigures, Finding, ReviewMaterial, priority_of
from serving.reviews.material import make_material
from serving.reviews.material_store import store_material
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import serving
from tests.end_to_end.watched_pages import NARROW, REFUSALS, WIDE

# What happens in the browser alone is seen on one kind of database.
ON_SQLITE = pytest.mark.parametrize("desk", ["sqlite"], indirect=True, scope="module")
ON_POSTGRES = pytest.mark.parametrize("desk", ["postgres"], indirect=True, scope="module")
MANY = "cd" * 32  # a bundle of many findings
N_MANY = 3_000
HOSTILE = "<b onclick=alert(1)>=1+1</b>"
PEOPLE = {
    "Vera Viewer": ["predict"],
    "Rita Reviewer": ["review"],
    "Lea Lead": ["review", "operate"],
    "Otto Lead": ["review", "operate"],
}


def many_findings():
    """A bundle with more findings than a page can hold, one of its drugs named to be mistaken."""
    drugs = [HOSTILE, *(f"Drug {number}" for number in range(1, N_MANY))]
    findings = [
        Finding(
            MANY,
            drug,
            "top_gene",
            f"GENE{number}",
            f"{drug}: higher expression of GENE{number} is associated with sensitivity.",
            {"share": 0.5},
            priority_of("top_gene", "supported", 1 - number / N_MANY),
        )
        for number, drug in enumerate(drugs)
    ]
    figures = [
        DrugFigures(drug, "supported", {"roc_auc": 0.7}, f"{at:064x}")
        for at, drug in enumerate(drugs)
    ]
    return ReviewMaterial(MANY, "many", "made-up", True, tuple(figures), tuple(findings))


def fill_desk(address, bundle_folder):
    """Put findings and a key of every person into an empty database."""
    database = open_database(address)
    prepare_database(database, upgrade=True)
    for material in (make_material(load_bundle(bundle_folder)), many_findings()):
        store_material(database, material, clock=time.time, stored_by="test")
    store = KeyStore(database, clock=time.time)
    keys = {
        name: store.create(name, held, created_by="test")[0].text for name, held in PEOPLE.items()
    }
    database.close()
    return keys


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def desk(request, made_up_folder, tmp_path_factory):
    """A running service on a database of each kind, where an approval takes two people."""
    state = tmp_path_factory.mktemp(f"desk-{request.param}")
    address = f"sqlite:///{state / 'serving.db'}"
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        name = f"desk_{state.name.replace('-', '_')}"
        server.execute(f"CREATE DATABASE {name}")
        address = server.address(name)
    keys = fill_desk(address, made_up_folder)
    environment = {
        "CUPROMARK_SERVE_DATABASE_URL": address,
        "CUPROMARK_SERVE_TWO_PERSON_RULE": "true",
    }
    with serving(state, keys, "--bundle", made_up_folder, **environment) as running:
        yield running
        assert running.end() == 0
        assert '"status":500' not in running.log.read_text()


@pytest.fixture(scope="session")
def sha(made_up_folder):
    return load_bundle(made_up_folder).sha256


@pytest.fixture(scope="module")
def cookies(desk):
    """Cookies of a login of everybody, made when they are asked for."""
    made = {}

    def cookies(who):
        if who not in made:
            made[who] = login_cookies(desk.address, desk.keys[who])
        return made[who]

    return cookies


@pytest.fixture
def visit(open_page, desk, cookies):
    """Open pages as somebody; tests ask for refusals."""

    def visit(who, **options):
        shown = () if who is None else cookies(who)
        return open_page(desk.address, cookies=shown, forgiven=REFUSALS, **options)

    return visit


@pytest.fixture
def other(desk):
    """What another person does meanwhile, over the API."""

    class Other:
        def __init__(self, who):
            self._headers = {"Authorization": f"Bearer {desk.keys[who]}"}

        def finding(self, finding_id):
            return self._get(f"findings/{finding_id}")

        def judge(self, finding_id, verdict, comment):
            version = self.finding(finding_id)["version"]
            body = {"verdict": verdict, "comment": comment}
            self._post(f"findings/{finding_id}/entries", body, version)

        def n_decisions(self, sha256, drug):
            return self._sign_off(sha256, drug)["version"]

        def sign(self, sha256, drug, decision, comment):
            known = self._sign_off(sha256, drug)
            body = {"bundle_sha256": sha256, "drug": drug, "decision": decision}
            body |= {"comment": comment, "figures_sha256": known["figures_sha256"]}
            self._post("sign-offs", body, known["version"])

        def _sign_off(self, sha256, drug):
            (known,) = self._get("sign-offs", bundle=sha256, drug=drug)["items"]
            return known

        def _get(self, path, **query):
            address = f"{desk.address}/v1/reviews/{path}"
            return httpx.get(address, headers=self._headers, params=query, timeout=60).json()

        def _post(self, path, body, version):
            headers = self._headers | {"If-Match": f'"{version}"'}
            address = f"{desk.address}/v1/reviews/{path}"
            answer = httpx.post(address, json=body, headers=headers, timeout=60)
            assert answer.status_code == 201, answer.text

    return Other


def open_queue(page, sha256, query=""):
    page.goto(f"/reviews/{sha256}{query}")
    expect(rows_of(page).first).to_be_visible()
    page.locator("#finding h3", has_text="History").wait_for()


def said(page):
    return page.locator("#said")


def finding_of(page):
    return page.url.partition("finding=")[2]


def shown(page):
    """Subject and drug of the finding that is looked at, once it can be judged."""
    page.locator("#finding h3", has_text="History").wait_for()
    return page.locator("#finding-title").inner_text(), page.locator(".finding-where").inner_text()


def rows_of(page):
    return page.get_by_role("listbox", name="Findings").get_by_role("option")


def selected(page):
    return page.get_by_role("listbox", name="Findings").get_by_role("option", selected=True)


def test_a_review_by_keyboard_from_the_login_to_the_next_finding(visit, desk, other, sha):
    page = visit(None)
    page.goto(f"/reviews/{sha}")
    page.get_by_role("textbox", name="API key").fill(desk.keys["Rita Reviewer"])
    page.keyboard.press("Enter")
    expect(selected(page)).to_be_visible()
    before = shown(page)
    page.keyboard.press("j")
    expect(selected(page)).to_have_attribute("aria-posinset", "2")
    page.keyboard.press("k")
    expect(selected(page)).to_have_attribute("aria-posinset", "1")
    page.locator("#queue").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#finding-title")).to_be_focused()
    assert shown(page) == before
    judged = finding_of(page)
    page.keyboard.press("c")
    page.keyboard.type("1234 jk <script>alert(1)</script> =1+1")
    page.keyboard.press("Escape")
    expect(page.locator("#queue")).to_be_focused()
    page.keyboard.press("1")
    expect(said(page)).to_contain_text("judged plausible")
    expect(said(page)).to_contain_text("Next: ")
    expect(selected(page)).to_have_attribute("aria-posinset", "2")
    assert finding_of(page) != judged
    (entry,) = other("Lea Lead").finding(judged)["history"]
    assert (entry["verdict"], entry["reviewer"]) == ("plausible", "Rita Reviewer")
    assert entry["comment"] == "1234 jk <script>alert(1)</script> =1+1"
    page.keyboard.press("u")
    expect(said(page)).to_contain_text("taken back")
    assert [one["verdict"] for one in other("Lea Lead").finding(judged)["history"]] == [
        "plausible",
        "withdrawn",
    ]
    expect(page.locator("#finding .history li")).to_have_count(2)
    expect(page.locator("#finding .history")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("#finding script").count() == 0


def test_theirs_stands_beside_mine_and_nothing_typed_is_lost(visit, other, sha):
    page = visit("Rita Reviewer")
    open_queue(page, sha, "?state=any&kind=top_gene")
    page.keyboard.press("End")
    open_id = finding_of(page)
    page.get_by_label("Comment").fill("Mine <i>stays</i>.")
    page.get_by_label("Reference").fill("10.1126/science.abf0529")
    other("Lea Lead").judge(open_id, "implausible", "Theirs <b>came</b> first.")
    page.get_by_role("button", name="Unsure").click()
    box = page.locator("#conflict")
    expect(box).to_contain_text("Lea Lead wrote about this finding while you read it")
    expect(box).to_contain_text("Theirs <b>came</b> first.")
    expect(box).to_contain_text("Mine <i>stays</i>.")
    expect(box).to_be_focused()
    box.get_by_role("button", name="Keep theirs").click()
    expect(page.get_by_label("Comment")).to_be_focused()
    expect(page.get_by_label("Comment")).to_have_value("Mine <i>stays</i>.")
    expect(page.locator("#finding .history li")).to_have_count(1)
    other("Otto Lead").judge(open_id, "plausible", "And a third.")
    page.get_by_role("button", name="Unsure").click()
    expect(box).to_contain_text("Otto Lead")
    box.get_by_role("button", name="Save mine as a new entry").click()
    expect(said(page)).to_contain_text("judged unsure")
    history = other("Lea Lead").finding(open_id)["history"]
    assert [one["reviewer"] for one in history] == ["Lea Lead", "Otto Lead", "Rita Reviewer"]
    assert history[-1]["reference"] == "doi:10.1126/science.abf0529"
    assert page.evaluate("sessionStorage.length") == 0


@ON_SQLITE
def test_what_is_not_stored_is_said_kept_and_tried_again(visit, other, sha):
    page = visit("Rita Reviewer")
    open_queue(page, sha, "?state=any&kind=surprising_direction")
    open_id = finding_of(page)
    before = len(other("Lea Lead").finding(open_id)["history"])
    page.get_by_label("Reference").fill("nonsense")
    page.get_by_role("button", name="Plausible", exact=True).click()
    expect(page.locator("#reference-wrong")).to_contain_text("is no DOI")
    expect(page.get_by_label("Reference")).to_be_focused()
    page.get_by_label("Reference").fill("")
    page.get_by_label("Comment").fill("Not lost.")
    page.route("**/entries", lambda route: route.abort())
    page.get_by_role("button", name="Plausible", exact=True).click()
    problem = page.locator("#judging-problem")
    expect(problem).to_contain_text("Not stored. What you typed is kept.")
    page.reload()
    expect(page.get_by_label("Comment")).to_have_value("Not lost.")
    page.locator("#finding h3", has_text="History").wait_for()
    # The answer is lost on its way, after the entry was stored.
    page.unroute("**/entries")
    page.route("**/entries", lambda route: (route.fetch(), route.abort()))
    page.get_by_role("button", name="Plausible", exact=True).click()
    expect(problem).to_contain_text("Not stored")
    page.unroute("**/entries")
    problem.get_by_role("button", name="Try again").click()
    expect(said(page)).to_contain_text("judged plausible")
    expect(page.locator("#queue")).to_be_focused()
    history = other("Lea Lead").finding(open_id)["history"][before:]
    assert [one["comment"] for one in history] == ["Not lost."]


@ON_SQLITE
def test_whoever_was_logged_out_logs_in_and_finds_what_they_typed(visit, desk):
    page = visit("Otto Lead")
    open_queue(page, MANY, "?drug=Drug+20")
    page.get_by_label("Comment").fill("Typed before.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Plausible", exact=True).click()
    page.get_by_role("link", name="Log in, and come back here").click()
    page.get_by_role("textbox", name="API key").fill(desk.keys["Otto Lead"])
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comment")).to_have_value("Typed before.")
    expect(page.get_by_label("Drug", exact=True)).to_have_value("Drug 20")
    shown(page)
    page.get_by_role("button", name="Plausible", exact=True).click()
    expect(said(page)).to_contain_text("judged plausible")


@ON_POSTGRES
def test_a_database_that_is_away_loses_nothing(visit, postgres, other, sha):
    page = visit("Lea Lead")
    open_queue(page, sha, "?state=any&kind=contradicted_claim")
    open_id = finding_of(page)
    before = len(other("Lea Lead").finding(open_id)["history"])
    page.get_by_label("Comment").fill("Typed while it was away.")
    postgres.stop()
    try:
        page.get_by_role("button", name="Needs experiment").click()
        expect(page.locator("#judging-problem")).to_contain_text("Not stored")
    finally:
        postgres.start()
    expect(page.get_by_label("Comment")).to_have_value("Typed while it was away.")
    page.locator("#judging-problem").get_by_role("button", name="Try again").click()
    expect(said(page)).to_contain_text("judged needs experiment")
    assert len(other("Lea Lead").finding(open_id)["history"]) == before + 1


@ON_SQLITE
def test_filters_fit_the_address_and_only_what_is_in_view_is_on_the_page(visit):
    page = visit("Rita Reviewer")
    open_queue(page, MANY, "?state=any")
    rows = rows_of(page)
    assert rows.count() < 60
    expect(rows.first).to_have_attribute("aria-setsize", str(N_MANY))
    page.locator("#queue").focus()
    page.keyboard.press("End")
    expect(selected(page)).to_have_attribute("aria-posinset", str(N_MANY))
    expect(selected(page)).to_be_in_viewport()
    assert rows.count() < 60
    page.keyboard.press("/")
    page.keyboard.type("drug 77 gene77")
    expect(page.locator("#count")).to_have_text(f"11 of {N_MANY:,} findings")
    assert "search=drug+77+gene77" in page.url
    page.reload()
    expect(page.locator("#count")).to_have_text(f"11 of {N_MANY:,} findings")
    page.get_by_label("Drug", exact=True).select_option("Drug 771")
    expect(rows).to_have_count(1)
    page.get_by_label("Drug, gene or words").fill("no such words")
    expect(page.get_by_text("No finding fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator("#count")).to_have_text(f"{N_MANY:,} findings")
    page.get_by_label("Drug, gene or words").fill(HOSTILE)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(HOSTILE)
    assert page.locator("#desk b").count() == 0


@ON_SQLITE
def test_findings_are_assigned_and_mine_are_found(visit):
    page = visit("Rita Reviewer")
    open_queue(page, MANY, "?drug=Drug+5")
    page.keyboard.press("a")
    expect(said(page)).to_contain_text("assigned to Rita Reviewer")
    page.get_by_label("Drug", exact=True).select_option("any")
    page.keyboard.press("Escape")
    page.locator("#queue").focus()
    page.keyboard.press("m")
    expect(page.locator("#count")).to_have_text(f"1 of {N_MANY:,} findings")
    expect(rows_of(page)).to_contain_text("mine")
    page.get_by_label("Assign to").fill("Otto Lead")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator(".finding-where")).to_contain_text("assigned to Otto Lead")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(said(page)).to_contain_text("assigned to nobody")
    expect(page.locator(".finding-where")).not_to_contain_text("assigned")


@ON_SQLITE
def test_a_lead_takes_the_judgement_of_another_back_by_the_button_alone(visit, other):
    page = visit("Lea Lead")
    open_queue(page, MANY, "?state=any&drug=Drug+31")
    open_id = finding_of(page)
    other("Rita Reviewer").judge(open_id, "implausible", "Doubtful.")
    page.reload()
    shown(page)
    page.keyboard.press("u")
    expect(said(page)).to_contain_text("no judgement of yours")
    page.get_by_role("button", name="Take the judgement of Rita Reviewer back").click()
    expect(said(page)).to_contain_text("taken back, as a new entry")
    expect(page.locator("#finding .history .taken-back")).to_contain_text("by Lea Lead")
    assert other("Rita Reviewer").finding(open_id)["state"] == "open"


@ON_SQLITE
def test_shortcuts_can_be_turned_off_and_stay_off(visit):
    page = visit("Rita Reviewer")
    open_queue(page, MANY)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_label("Single keys act as shortcuts").uncheck()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("1")
        expect(selected(page)).to_have_attribute("aria-posinset", "1")
        expect(said(page)).to_be_empty()
        page.reload()
        rows_of(page).first.wait_for()
    page.locator("#queue").press("ArrowDown")
    expect(selected(page)).to_have_attribute("aria-posinset", "2")


@ON_SQLITE
def test_what_others_wrote_is_offered_and_taken(visit, other):
    page = visit("Rita Reviewer")
    page.clock.install()
    open_queue(page, MANY, "?state=any&drug=Drug+9")
    other("Lea Lead").judge(finding_of(page), "implausible", "Seen elsewhere.")
    page.clock.run_for(31_000)
    page.get_by_role("button", name="Others wrote: show it").click()
    expect(rows_of(page)).to_contain_text("implausible")
    expect(page.locator("#finding .history")).to_contain_text("Seen elsewhere.")


def test_two_people_sign_off_and_a_third_conflicts(visit, other, sha):
    page = visit("Lea Lead")
    page.goto(f"/reviews/{sha}/Cisplatin")
    page.get_by_role("button", name="Sign").click()
    expect(page.locator("#decision-wrong")).to_have_text("Choose what you decide.")
    page.get_by_label("Approve with limits").check()
    page.get_by_role("button", name="Sign").click()
    expect(page.locator("#limits-wrong")).to_have_text("Say the limits.")
    limits = page.get_by_label("Limits, shown with every prediction")
    limits.fill("Not for <b>blood</b>. =1+1")
    page.get_by_role("button", name="Sign").click()
    standing = page.locator(".verdict-box")
    expect(standing).to_contain_text("Awaits a second person by Lea Lead")
    expect(page.locator("#decisions")).to_contain_text("Not for <b>blood</b>. =1+1")
    second = visit("Otto Lead")
    second.goto(f"/reviews/{sha}/Cisplatin")
    second.get_by_role("radio", name="Reject").check()
    second.get_by_role("button", name="Sign").click()
    expect(second.locator("#decision-comment-wrong")).to_have_text("Say why it is rejected.")
    second.get_by_label("Approve:").check()
    other("Lea Lead").sign(sha, "Cisplatin", "reject", "I changed <i>my</i> mind.")
    second.get_by_label("Comment, for the desk").fill("It holds.")
    second.get_by_role("button", name="Sign").click()
    box = second.locator("#sign-off-conflict")
    expect(box).to_contain_text("Lea Lead decided while you read it")
    expect(box).to_contain_text("I changed <i>my</i> mind.")
    expect(second.locator(".verdict-box")).to_contain_text("Rejected by Lea Lead")
    box.get_by_role("button", name="Save mine as a new decision").click()
    expect(second.locator("#decisions")).to_contain_text("It holds.")
    expect(second.locator(".verdict-box")).to_contain_text("Rejected")
    other("Lea Lead").sign(sha, "Cisplatin", "approve", "Convinced.")
    second.reload()
    expect(second.locator(".verdict-box")).to_contain_text("Approved by Lea Lead and Otto Lead")


def test_a_decision_that_is_stored_is_never_said_to_be_lost(visit, other, sha):
    page = visit("Lea Lead")
    n_before = other("Lea Lead").n_decisions(sha, "Cisplatin")
    page.goto(f"/reviews/{sha}/Cisplatin")
    page.route("**/Cisplatin", lambda route: route.abort())
    page.get_by_label("Approve:").check()
    page.get_by_role("button", name="Sign").click()
    said = page.locator("#sign-off-said")
    expect(said).to_contain_text("Stored: Cisplatin approved by you.")
    expect(said).to_contain_text("cannot be shown now")
    expect(page.locator("#sign-off-problem")).to_be_empty()
    page.get_by_label("Approve:").check()
    page.get_by_role("button", name="Sign").click()  # on what the page shows, which is old
    expect(page.locator("#sign-off-problem")).to_contain_text("Not stored.")
    page.unroute("**/Cisplatin")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#sign-off-conflict")).to_contain_text("decided while you read it")
    assert other("Lea Lead").n_decisions(sha, "Cisplatin") == n_before + 1


def test_exports_hold_what_was_written_and_no_formula(visit, other):
    page = visit("Rita Reviewer")
    open_queue(page, MANY, "?state=any&drug=Drug+12")
    other("Lea Lead").judge(finding_of(page), "unsure", "=cmd()")
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Decisions, CSV").click()
    with download.value.path().open(newline="") as file:
        comments = [row["comment"] for row in csv.DictReader(file)]
    assert "'=cmd()" in comments
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    exported = json.loads(download.value.path().read_text())
    assert "=cmd()" in [one["comment"] for one in exported["decisions"]]
    assert len(exported["findings"]) == N_MANY


@ON_SQLITE
def test_a_viewer_reads_and_is_told_why_no_more(visit, sha):
    page = visit("Vera Viewer")
    open_queue(page, sha, "?state=any")
    expect(page.locator("#why-not-judge")).to_contain_text("a key with the scope review")
    assert page.get_by_role("button", name="Plausible").count() == 0
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(selected(page)).to_have_attribute("aria-posinset", "2")
    page.goto(f"/reviews/{sha}/Cisplatin")
    expect(page.get_by_text("Signing off takes a lead")).to_be_visible()
    assert page.get_by_role("button", name="Sign").count() == 0


@contextmanager
def conflict_on(page, other):
    """The desk while somebody else was faster."""
    other("Otto Lead").judge(finding_of(page), "unsure", "First.")
    page.get_by_role("button", name="Implausible").click()
    page.locator("#conflict h3").wait_for()
    yield
    page.get_by_role("button", name="Keep theirs").click()


@ON_SQLITE
@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["light", "narrow-dark"]
)
def test_axe_finds_nothing_wrong_with_any_state(visit, other, examine, sha, viewport, scheme):
    page = visit("Lea Lead", viewport=viewport, scheme=scheme)
    wrong = []

    def look():
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, page.url
        wrong.extend(examine(page))

    page.goto("/reviews")
    look()
    page.goto(f"/reviews/{sha}/Elesclomol")
    page.get_by_role("button", name="Sign").click()
    look()
    open_queue(page, sha, "?state=any")
    page.locator("#finding .claims").first.wait_for()
    look()
    with conflict_on(page, other):
        look()
    page.get_by_label("Reference").fill("nonsense")
    page.get_by_role("button", name="Plausible", exact=True).click()
    page.locator("#reference-wrong:not(:empty)").wait_for()
    look()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    look()
    page.keyboard.press("Escape")
    page.get_by_label("Drug, gene or words").fill("no such words")
    page.get_by_text("No finding fits").wait_for()
    look()
    assert wrong == []
