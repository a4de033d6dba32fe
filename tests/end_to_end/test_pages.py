"""The pages in Chromium, driven as people do: with a mouse, with a keyboard, with a wrong file."""

import csv
import re
from functools import cache

import pytest
from playwright.sync_api import expect

from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.watched_pages import NARROW, PATIENCE_MS, WIDE

PATHS = ("/", "/drugs", "/drugs/Cisplatin", "/claims", "/gene-sets", "/predict", "/docs")
HOSTILE = ("=1+1", "<b onclick=alert(1)>bold</b>", 'a "quoted", one')


@pytest.fixture(scope="module")
def logged_in(service):
    """Cookies of a login with the key of a scope, made once each."""
    return cache(lambda scope: login_cookies(service.address, service.keys[scope]))


@pytest.fixture
def visit(open_page, service, logged_in):
    """Open pages logged in."""

    def visit(*, with_key=True, scope="predict", **options):
        cookies = logged_in(scope) if with_key else ()
        return open_page(service.address, cookies=cookies, **options)

    return visit


@pytest.fixture
def profiles(made_up_bundle, question, tmp_path):
    """A file of three profiles whose names are to be taken for what they are."""
    columns = [*question["values"], question["values"][0]]
    path = tmp_path / "profiles.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["gene", *HOSTILE])
        writer.writerows(zip(question["genes"], *columns, strict=True))
    return path


def ask_with_example(page):
    page.goto("/predict")
    page.get_by_role("button", name="Use a made-up example").click()
    expect(page.locator("#file-state")).to_contain_text("made-up example")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#results")).to_be_visible(timeout=PATIENCE_MS)


def key_field(page):
    return page.get_by_role("textbox", name="API key")


def test_a_newcomer_logs_in_sees_an_answer_and_logs_out(visit, service):
    page = visit(with_key=False)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Try a made-up example").click()
    key_field(page).fill("cmk_wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("What to do")
    page.wrong[:] = [text for text in page.wrong if "401" not in text]  # the browser's own line
    key_field(page).fill(service.keys["predict"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("predict viewer")
    assert page.url == f"{service.address}/predict#example"
    expect(page.locator("#file-state")).to_contain_text("made-up example")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#results")).to_contain_text("made-up 1", timeout=PATIENCE_MS)
    assert service.keys["predict"] not in page.content()
    assert (
        page.evaluate("sessionStorage.length + localStorage.length + document.cookie.length") == 0
    )
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    page.goto("/predict")
    expect(key_field(page)).to_be_visible()


@pytest.fixture
def twice(visit, service):
    """A form that is filled in, and another tab of the same browser that is not logged in."""
    page = visit(with_key=False)
    page.goto("/predict#example")
    log_in(page, service.keys["predict"])
    expect(page.locator("#file-state")).to_contain_text("made-up example")
    other = page.context.new_page()
    other.goto("/session")
    other.get_by_role("button", name="Log out here").click()
    return page, other


def log_in(page, key):
    key_field(page).fill(key)
    page.get_by_role("button", name="Log in").click()


def test_a_form_outlives_its_login(twice, service):
    page, _ = twice
    page.get_by_role("button", name="Predict", exact=True).click()
    failure = page.locator("#failure")
    expect(failure).to_contain_text("The login is over")
    with page.context.expect_page() as opened:
        failure.get_by_role("link", name="Log in in another tab").click()
    log_in(opened.value, service.keys["predict"])
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#results")).to_contain_text("made-up 1", timeout=PATIENCE_MS)
    page.wrong[:] = [text for text in page.wrong if not re.search("40[13]", text)]


def test_nothing_is_sent_under_the_name_of_whoever_logged_in_meanwhile(twice, service):
    page, other = twice
    log_in(other, service.keys["admin"])
    expect(other.get_by_role("banner")).to_contain_text("admin")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#failure")).to_contain_text("does not show the token of this login")
    expect(page.locator("#results")).to_be_hidden()
    page.wrong[:] = [text for text in page.wrong if "403" not in text]


def test_a_file_is_answered_with_plots_tables_filters_and_csv(visit, profiles, made_up_bundle):
    page = visit()
    page.goto("/predict")
    page.get_by_label("Choose a file").set_input_files(profiles)
    page.get_by_label("RMA, log2").check()
    page.get_by_role("button", name="Predict", exact=True).click()
    answers = page.locator(".drug-answer")
    expect(answers.first.locator(".evidence svg")).to_be_visible(timeout=PATIENCE_MS)
    answered = [name for name, drug in made_up_bundle.drugs.items() if drug.status != "withheld"]
    assert answers.count() == min(8, len(answered))
    assert answers.first.locator("> .pair svg[role=img] .mark").count() >= len(HOSTILE)
    answers.first.get_by_text("Table of this plot").first.click()
    table = answers.first.get_by_role("table").first
    expect(table.get_by_role("rowheader")).to_have_text(list(HOSTILE))
    page.get_by_label("Sample", exact=True).fill("bold")
    page.get_by_label("Show as").select_option("table")
    rows = page.locator("#results > div > div table tbody tr")
    expect(rows).to_have_count(len(answered))
    expect(rows.first.get_by_role("rowheader")).to_have_text(HOSTILE[1])
    assert page.locator("#results b").count() == 0
    page.get_by_label("Sample", exact=True).fill("")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with download.value.path().open(newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == len(HOSTILE) * len(answered)
    assert {row["sample_id"] for row in told} == {f"'{HOSTILE[0]}", *HOSTILE[1:]}
    page.get_by_label("Sample", exact=True).fill("no such sample")
    expect(page.locator("#results")).to_contain_text("No answer fits these filters")


def test_the_form_is_filled_in_and_sent_by_keyboard_alone(visit):
    page = visit()
    page.goto("/predict")
    expect(page.locator("#drug-count")).to_contain_text("chosen")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, page.get_by_role("button", name="Use a made-up example"))
    page.keyboard.press("Enter")
    expect(page.locator("#file-state")).to_contain_text("made-up example")
    press_until(page, page.get_by_label("Search for a drug"))
    page.keyboard.type("cispl")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove Cisplatin")).to_be_visible()
    press_until(page, page.get_by_role("button", name="Predict", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Answers")).to_be_focused(timeout=PATIENCE_MS)
    expect(page.locator("#progress")).to_contain_text("1 drug.")
    assert page.locator(".drug-answer h3").all_inner_texts() == ["Cisplatin"]


def press_until(page, target):
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} cannot be reached by Tab")


def test_what_is_missing_or_wrong_is_said_where_it_is(visit, tmp_path):
    page = visit()
    page.goto("/predict")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#profiles-wrong")).to_contain_text("Choose a file")
    expect(page.locator("#scales-wrong")).not_to_be_empty()
    expect(page.get_by_label("Choose a file")).to_be_focused()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("gene,one,two\nTP53,1,none at all\n")
    page.get_by_label("Choose a file").set_input_files(wrong)
    page.get_by_label("RMA, log2").check()
    page.get_by_role("button", name="Predict", exact=True).click()
    problem = page.locator("#failure .problem")
    for words in ("Found", "Needed", "What to do", "Request"):
        expect(problem).to_contain_text(words, timeout=PATIENCE_MS)
    assert "none at all" not in problem.inner_text()
    # The browser itself logs the status of the refused request.
    page.wrong[:] = [text for text in page.wrong if "422" not in text]


def test_lists_are_filtered_sorted_and_led_to(visit):
    page = visit()
    page.goto("/claims?drug=Cisplatin")
    count = page.locator("[data-count]")
    expect(count).to_contain_text(" of 410 shown")
    page.get_by_label("Gene, process").fill("no such words")
    expect(page.get_by_text("No claim fits")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(count).to_have_text("All 410 shown")
    page.goto("/drugs")
    page.get_by_role("button", name="Drug").click()
    names = page.locator("#drugs tbody th a").all_inner_texts()
    assert names == sorted(names, key=str.casefold)
    page.get_by_role("link", name="Cisplatin").click()
    expect(page.get_by_role("heading", level=1, name="Cisplatin")).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_page_is_wider_than_its_window(visit, viewport):
    page = visit(viewport=viewport)
    for path in PATHS:
        page.goto(path)
        assert overhang(page) <= 0, path
    ask_with_example(page)
    assert overhang(page) <= 0


def test_in_a_narrow_window_a_menu_opens_over_the_page_and_moves_nothing(visit, examine):
    page = visit(viewport=NARROW)
    page.goto("/drugs")
    heading, menu = page.get_by_role("heading", level=1), page.get_by_role("button", name="Menu")
    links = page.get_by_role("navigation", name="Site").get_by_role("link")
    expect(links).to_have_count(0)
    place = heading.bounding_box()
    menu.focus()
    page.keyboard.press("Enter")
    expect(links.first).to_be_visible()
    assert heading.bounding_box() == place
    assert examine(page) == []
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(links).to_have_count(0)
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Gene sets").click()
    expect(heading).to_have_text("Gene sets")


def overhang(page):
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")


@pytest.mark.parametrize("path", ["/", "/drugs/Cisplatin", "/claims?drug=Docetaxel", "/gene-sets"])
def test_axe_finds_nothing_wrong_with_a_page(visit, examine, path):
    page = visit(viewport=NARROW)
    page.goto(path)
    assert examine(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_login(visit, examine, scheme):
    page = visit(with_key=False, scheme=scheme)
    page.goto("/drugs")
    assert examine(page) == []
    log_in(page, "cmk_wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    assert examine(page) == []
    page.wrong[:] = [text for text in page.wrong if "401" not in text]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_pages_of_whoever_is_logged_in(visit, examine, scheme):
    page = visit(scheme=scheme, scope="admin")
    for path in ("/session", "/reviews/audit", "/reviews/audit?drug=none"):
        page.goto(path)
        assert examine(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_form_and_its_answers(visit, examine, scheme):
    page = visit(scheme=scheme)
    ask_with_example(page)
    page.locator(".drug-answer .evidence svg").first.wait_for()
    assert examine(page) == []
