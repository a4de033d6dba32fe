"""One review from the login to what it changes for everybody who asks, on SQLite and Postgres."""

import csv
import json

import httpx
import pytest
from playwright.sync_api import expect

from tests.end_to_end import test_review_desk as desk_acts
from tests.end_to_end.test_pages import ask_with_example, press_until
from tests.end_to_end.test_review_desk import finding_of, rows_of, said, selected, shown

# Fixtures of the review desk; here each has a database in which nobody wrote anything yet.
cookies, desk = desk_acts.cookies, desk_acts.desk
other, sha, visit = (
    desk_acts.other, desk_acts.sha, desk_acts.visit,
)  # fmt: skip
LIMITS = "Not for haematological lineages."
MINE, THEIRS = "Seen in lung lines alone.", "Against what the clinic says."
SIGNED, REJECTED = "Cisplatin", "Elesclomol"


@pytest.fixture
def asked(desk, question):
    """What a program with a key for predictions is told, as curl would ask."""
    headers = {"Authorization": f"Bearer {desk.keys['Vera Viewer']}"}

    class Asked:
        def predictions(self, accept="application/json"):
            return client.post("/v1/predictions", json=question, headers={"Accept": accept})

        def about(self, drug, route):
            return client.post(f"/v1/{route}", json=question | {"drugs": [drug]})

        def approvals(self):
            """Where every drug that is answered stands, and the limits and refusals beside."""
            told = self.predictions().json()
            states = {one["drug"]: one["approval"] for one in told["predictions"]}
            return states, told["reviews"]

        def metadata(self):
            return client.get("/v2/models/cupromark").json()["parameters"]["approvals"]

    with httpx.Client(base_url=desk.address, headers=headers, timeout=60) as client:
        yield Asked()


def test_a_whole_review_and_what_it_changes(visit, desk, other, asked, sha):
    assert set(asked.metadata().values()) == {"none"}
    assert asked.approvals()[0] == {SIGNED: "none", REJECTED: "none"}
    page = logs_in_and_reads_the_report(visit, desk)
    second = visit("Lea Lead")
    judges_by_keyboard(page, other, sha)
    meets_what_somebody_else_wrote(page, second, other)
    two_people_approve_with_limits(visit, second, asked, sha)
    one_rejects(visit, second, asked, sha)
    what_was_decided_is_exported(page, sha)


def logs_in_and_reads_the_report(visit, desk):
    page = visit(None)
    page.goto("/login")
    page.get_by_role("textbox", name="API key").fill(desk.keys["Rita Reviewer"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("Rita Reviewer")
    page.goto(f"/reports/{SIGNED}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SIGNED)
    expect(page.locator(".verdict")).to_contain_text("Why this status")
    return page


def judges_by_keyboard(page, other, sha):
    page.goto(f"/reviews/{sha}?drug={SIGNED}")
    expect(rows_of(page).first).to_be_visible()
    shown(page)
    judged = finding_of(page)
    page.keyboard.press("c")
    page.keyboard.type(MINE)
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(said(page)).to_contain_text("judged plausible")
    expect(selected(page)).to_have_attribute("aria-posinset", "2")
    (entry,) = other("Lea Lead").finding(judged)["history"]
    assert (entry["verdict"], entry["reviewer"]) == ("plausible", "Rita Reviewer")
    assert entry["comment"] == MINE


def meets_what_somebody_else_wrote(page, second, other):
    """Both have the same finding before them; the second of them to write is told."""
    shown(page)
    open_id = finding_of(page)
    second.goto(page.url)
    assert shown(second) == shown(page)
    second.keyboard.press("c")
    second.keyboard.type(THEIRS)
    second.keyboard.press("Escape")
    second.keyboard.press("2")
    expect(said(second)).to_contain_text("judged implausible")
    page.keyboard.press("c")
    page.keyboard.type(MINE)
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    box = page.locator("#conflict")
    expect(box).to_contain_text("Lea Lead wrote about this finding while you read it")
    expect(box).to_contain_text(THEIRS)
    assert len(other("Lea Lead").finding(open_id)["history"]) == 1
    press_until(page, box.get_by_role("button", name="Save mine as a new entry"))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("judged unsure")
    history = other("Lea Lead").finding(open_id)["history"]
    assert [(one["reviewer"], one["verdict"], one["comment"]) for one in history] == [
        ("Lea Lead", "implausible", THEIRS),
        ("Rita Reviewer", "unsure", MINE),
    ]


def two_people_approve_with_limits(visit, second, asked, sha):
    second.goto(f"/reviews/{sha}/{SIGNED}")
    expect(second.get_by_text(MINE)).to_have_count(2)
    sign(second, "Approve with limits", limits=LIMITS)
    expect(second.locator(".verdict-box")).to_contain_text("Awaits a second person by Lea Lead")
    assert asked.approvals()[0][SIGNED] == "awaiting_second_person"
    assert asked.metadata()[SIGNED] == "awaiting_second_person"
    third = visit("Otto Lead")
    third.goto(f"/reviews/{sha}/{SIGNED}")
    sign(third, "Approve:")
    expect(third.locator(".verdict-box")).to_contain_text(
        "Approved with limits by Otto Lead and Lea Lead"
    )
    states, reviews = asked.approvals()
    assert states[SIGNED] == "approved_with_limits"
    assert states[REJECTED] == "none"
    assert reviews["limits"] == {SIGNED: LIMITS}
    assert reviews["withheld"] == []
    assert asked.metadata()[SIGNED] == "approved_with_limits"
    rows = list(csv.DictReader(asked.predictions("text/csv").text.splitlines()))
    told = {(row["drug"], row["approval"], row["approval_limits"]) for row in rows}
    assert (SIGNED, "approved_with_limits", LIMITS) in told
    assert (REJECTED, "none", "") in told


def sign(page, decision, *, limits="", comment=""):
    page.get_by_label(decision).check()
    if limits:
        page.get_by_label("Limits, shown with every prediction").fill(limits)
    page.get_by_label("Comment, for the desk").fill(comment)
    page.get_by_role("button", name="Sign").click()
    expect(page.locator("#decisions")).not_to_contain_text("Nobody decided yet")


def one_rejects(visit, second, asked, sha):
    second.goto(f"/reviews/{sha}/{REJECTED}")
    sign(second, "Reject:", comment="Not what is known of copper.")
    expect(second.locator(".verdict-box")).to_contain_text("Rejected by Lea Lead")
    states, reviews = asked.approvals()
    assert REJECTED not in states
    assert states[SIGNED] == "approved_with_limits"
    (withheld,) = reviews["withheld"]
    assert (withheld["drug"], withheld["approval"]) == (REJECTED, "rejected")
    assert asked.metadata()[REJECTED] == "rejected"
    for route in ("predictions", "explanations"):
        alone = asked.about(REJECTED, route)
        assert (alone.status_code, alone.json()["type"]) == (422, "/problems/unanswerable")
        assert "ejected at review" in alone.text
    table = asked.predictions("text/csv")
    assert REJECTED not in table.text
    assert table.headers["Cupromark-Drugs-Withheld"] == "1"
    reader = visit("Vera Viewer")
    ask_with_example(reader)
    expect(reader.locator("#results")).to_contain_text(LIMITS)
    refusal = reader.locator("#results details.notice", has_text="not answered")
    expect(refusal).to_contain_text(f"{REJECTED}: Rejected at review.")
    names = reader.locator(".drug-answer h3").all_inner_texts()
    assert SIGNED in names
    assert REJECTED not in names


def what_was_decided_is_exported(page, sha):
    page.goto(f"/reviews/{sha}?state=any")
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    exported = json.loads(download.value.path().read_text())
    drugs = {one["drug"]: one["approval"] for one in exported["drugs"]}
    assert drugs[SIGNED]["state"] == "approved_with_limits"
    assert drugs[SIGNED]["limits"] == LIMITS
    assert drugs[REJECTED]["state"] == "rejected"
    decided = [(one["reviewer"], one["drug"], one["said"]) for one in exported["decisions"]]
    assert decided == [
        ("Lea Lead", REJECTED, "reject"),
        ("Otto Lead", SIGNED, "approve"),
        ("Lea Lead", SIGNED, "approve_with_limits"),
        ("Rita Reviewer", SIGNED, "unsure"),
        ("Lea Lead", SIGNED, "implausible"),
        ("Rita Reviewer", SIGNED, "plausible"),
    ]
    with page.expect_download() as download:
        page.get_by_role("button", name="Decisions, CSV").click()
    with download.value.path().open(newline="") as file:
        rows = [(row["reviewer"], row["drug"], row["said"]) for row in csv.DictReader(file)]
    assert rows == decided
