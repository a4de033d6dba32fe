"""The page that takes an answer apart, in Chromium: what moves, what is marked, what is saved."""

import csv
import re

import pytest
from playwright.sync_api import expect

from models.bundle_files import load_bundle, write_bundle
from models.golden import with_golden
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import MADE_UP, make_keys, question_of, serving
from tests.end_to_end.test_report_page import FOR_REPORTS, load_module
from tests.end_to_end.watched_pages import DRAWINGS, NARROW, WIDE, point_at

HOSTILE = '<b onclick=alert(1)>"one"</b>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made_up, reports = load_module(MADE_UP), load_module(FOR_REPORTS)
    bundle, _ = reports.make_report_bundle(made_up.make_bundle(), made_up.make_training_profiles())
    path = tmp_path_factory.mktemp("what-if") / "bundle"
    write_bundle(with_golden(bundle), path)
    return path


@pytest.fixture(scope="module")
def what_if_service(folder, tmp_path_factory):
    state = tmp_path_factory.mktemp("state-of-what-if")
    with serving(state, make_keys(state), "--bundle", str(folder)) as service:
        yield service
        service.end()


@pytest.fixture(scope="module")
def cookies(what_if_service):
    return login_cookies(what_if_service.address, what_if_service.keys["predict"])


@pytest.fixture
def profile(folder, tmp_path):
    """A file of one sample whose name is to be taken for what it is; it lacks a gene."""
    question = question_of(load_bundle(folder), n_samples=1, seed=3)
    path = tmp_path / "profile.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["gene", HOSTILE])
        rows = zip(question["genes"], question["values"][0], strict=True)
        writer.writerows(row for row in rows if row[0] != "MFF")
    return path


@pytest.fixture
def visit(open_page, what_if_service, cookies, profile):
    """Take a profile apart."""

    def take_apart(drug="Cisplatin", **options):
        page = open_page(
            what_if_service.address,
            cookies=cookies,
            reduced_motion="reduce",
            **options,
        )
        page.goto(f"/what-if?drug={drug}")
        page.set_input_files("#file", profile)
        page.get_by_label("RMA, log2").check()
        page.get_by_role("button", name="Take the answer apart").click()
        page.locator(".gene-moves li").first.wait_for()
        for part in ("waterfall", "lines"):
            page.locator(f"#{part} .plot-box.drawn").first.wait_for()
        return page

    return take_apart


def saved_rows(page, part):
    with page.expect_download() as download:
        page.locator(part).get_by_role("button", name="Download CSV of").first.click()
    with download.value.path().open(newline="") as file:
        return list(csv.DictReader(file))


def said(page):
    return page.locator("#moving .said")


def test_the_waterfall_adds_up_from_the_mean_to_the_answer(visit):
    page = visit()
    expect(page.locator("#answer")).to_contain_text(HOSTILE)
    assert page.locator("b[onclick]").count() == 0
    rows = saved_rows(page, "#waterfall")
    assert rows[0]["kind"] == "base"
    given = [float(row["attribution (log-odds)"]) for row in rows[1:]]
    end = float(rows[0]["log-odds reached"]) + sum(given)
    assert float(rows[-1]["log-odds reached"]) == pytest.approx(end)
    shown = page.locator("#answer tbody td").first.inner_text()
    assert float(shown) == pytest.approx(float(rows[-1]["probability reached"]), abs=6e-4)


def test_a_line_is_named_where_it_is_pointed_at(visit, folder):
    page = visit()
    dots = page.locator("#lines .plot").first
    dots.scroll_into_view_if_needed()
    hover = dots.locator(".hoverlayer .hovertext")
    point_at(page, dots.locator(".scatterlayer .point").first, hover)
    expect(hover).to_contain_text(re.compile("line_[0-9]+"))
    expect(hover).to_contain_text(re.compile("measured (sensitive|resistant)"))
    rows = saved_rows(page, "#lines")
    names = [row["line"] for row in rows]
    assert names[1:] == list(load_bundle(folder).domain.samples)
    assert sum(row["among the nearest"] == "true" for row in rows) == 5


def test_a_gene_is_moved_by_keyboard_and_everything_is_put_back(visit):
    page = visit()
    before = page.locator("#answer tbody td").first.inner_text()
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("End")
    expect(said(page)).to_contain_text(f"Probability {before} as given")
    now = page.locator(".moves-now tbody tr td").nth(1)
    expect(now).not_to_have_text(before)
    page.get_by_role("button", name="Reset all genes").click()
    expect(now).to_have_text(before)
    expect(said(page)).to_contain_text("Still")
    page.locator("#moving .plot-box.drawn").wait_for()
    rows = saved_rows(page, "#moving")
    assert [row["what was moved"].split()[-1] for row in rows][0::2] == ["given", "back"]
    probabilities = [float(row["probability sensitive"]) for row in rows]
    assert probabilities[2] == pytest.approx(probabilities[0], abs=1e-9)
    assert probabilities[1] != pytest.approx(probabilities[0], abs=1e-3)


def test_a_value_beyond_the_training_lines_is_marked(visit):
    page = visit()
    number = page.get_by_role("spinbutton").first
    number.fill("19")
    expect(page.locator(".outside").first).to_contain_text("Above every training line")
    expect(page.locator("#moving .plot-box.drawn")).to_be_visible()
    gene = page.locator(".gene-moves label").first.inner_text()
    assert saved_rows(page, "#moving")[1]["outside the training lines"] == gene
    page.locator(".gene-moves").get_by_role("button").first.click()
    expect(page.locator(".outside").first).not_to_contain_text("Above")


def test_a_missing_gene_can_be_given_a_value(visit):
    page = visit()
    page.get_by_label("Another gene").select_option("MFF")
    page.get_by_role("button", name="Show this gene").click()
    row = page.locator(".gene-moves li", has=page.locator("#move-MFF"))
    expect(row).to_contain_text("missing from the profile")
    expect(page.locator("#move-MFF")).to_be_focused()
    page.locator("#move-MFF").press("Home")
    expect(said(page)).to_contain_text("Probability")


def test_a_refused_move_says_why_and_keeps_what_was_moved(visit):
    page = visit()
    page.get_by_role("spinbutton").first.fill("1000")
    alert = page.locator("#moving [role=alert]")
    expect(alert).to_contain_text("What to do")
    expect(page.get_by_role("spinbutton").first).to_have_value("1000")
    page.get_by_role("spinbutton").first.fill("8")
    expect(alert).to_be_empty()
    page.wrong[:] = [text for text in page.wrong if "status of 422" not in text]


def test_what_is_missing_is_said_beside_its_place(open_page, what_if_service, cookies):
    page = open_page(what_if_service.address, cookies=cookies)
    page.goto("/what-if")
    page.get_by_role("button", name="Take the answer apart").click()
    expect(page.locator("#profiles-wrong")).to_contain_text("Choose a file")
    expect(page.locator("#scales-wrong")).to_contain_text("Say what the values are")


@pytest.mark.parametrize(
    ("drug", "viewport", "scheme"), [("Cisplatin", WIDE, "light"), ("Elesclomol", NARROW, "dark")]
)
def test_axe_finds_nothing_wrong_and_nothing_is_too_wide(visit, examine, drug, viewport, scheme):
    page = visit(drug, viewport=viewport, scheme=scheme)
    page.get_by_role("spinbutton").first.fill("19")
    page.locator("#moving .plot-box.drawn").wait_for()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    assert examine(page, exclude=DRAWINGS) == []
