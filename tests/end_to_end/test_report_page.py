"""The page of a report in Chromium: what its plots show, what the filters change, what is saved."""

import csv
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.metrics import roc_auc_score

from models.bundle_files import load_bundle, write_bundle
from models.golden import with_golden
from models.reports.draws import mean_readings, patient_weights, wilson_reading
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import MADE_UP, make_keys, serving
from tests.end_to_end.watched_pages import DRAWINGS, NARROW, point_at

FOR_REPORTS = Path(MADE_UP).parent / "reports" / "conftest.py"
HOSTILE = '<b onclick=alert(1)>bold</b> %{x} & "co"'
PLOTS = {"controls", "genes", "lines", "dependence", "sets", "lineages"}


def load_module(path):
    spec = importlib.util.spec_from_file_location(path.parent.name + "_bundles", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bundle_of_reports(tmp_path_factory):
    """A bundle of which reports show everything; one of its lines bears a hostile name."""
    made_up, reports = load_module(MADE_UP), load_module(FOR_REPORTS)
    profiles = made_up.make_training_profiles()
    bundle, _ = reports.make_report_bundle(made_up.make_bundle(), profiles)
    names = (HOSTILE, *bundle.domain.samples[1:])
    drugs = {
        name: replace(model, held_out=replace(model.held_out, samples=names))
        for name, model in bundle.drugs.items()
    }
    folder = tmp_path_factory.mktemp("report-page") / "bundle"
    named = replace(bundle, drugs=drugs, domain=replace(bundle.domain, samples=names))
    write_bundle(with_golden(named), folder)
    return folder


@pytest.fixture(scope="module")
def report_service(bundle_of_reports, tmp_path_factory):
    state = tmp_path_factory.mktemp("state-of-reports")
    with serving(state, make_keys(state), "--bundle", str(bundle_of_reports)) as service:
        yield service
        service.end()


@pytest.fixture(scope="module")
def cookies(report_service):
    return login_cookies(report_service.address, report_service.keys["predict"])


@pytest.fixture
def visit(open_page, report_service, cookies):
    """Open a report."""

    def visit(drug="Cisplatin", **options):
        page = open_page(
            report_service.address,
            cookies=cookies,
            reduced_motion="reduce",
            **options,
        )
        page.goto(f"/reports/{drug}")
        return page

    return visit


def wait_until_drawn(page):
    for name in PLOTS:
        page.locator(f'[data-plot="{name}"] .plot-box.drawn').wait_for()


def plot(page, name):
    return page.locator(f'[data-plot="{name}"]')


def saved(page, name, format):
    with page.expect_download() as download:
        plot(page, name).get_by_role("button", name=f"Download {format} of").click()
    return download.value


def test_the_verdict_is_there_before_any_script_has_run(visit):
    page = visit(blocked=".js")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cisplatin")
    expect(page.locator(".verdict")).to_contain_text("Why this status")
    expect(page.locator("#evidence svg").first).to_be_visible()
    page.wrong[:] = [text for text in page.wrong if "ERR_FAILED" not in text]


def test_hovering_names_the_line_whatever_it_is_called(visit):
    page = visit()
    wait_until_drawn(page)
    dots = plot(page, "lines")
    dots.scroll_into_view_if_needed()
    names = dots.evaluate(
        "figure => figure.querySelector('.js-plotly-plot').data.flatMap((one) => one.hovertext)"
    )
    assert any(text.startswith("&lt;b onclick=alert(1)&gt;bold&lt;/b&gt;") for text in names)
    said = dots.locator(".hoverlayer .hovertext")
    point_at(page, dots.locator(".scatterlayer .point").first, said)
    expect(said).to_contain_text(re.compile(r"line_\d+|bold"))
    expect(said).to_contain_text(re.compile("measured (sensitive|resistant)"))
    expect(said).to_contain_text("log-odds")
    assert page.locator("b[onclick]").count() == 0


def test_filters_act_on_all_plots_and_are_undone(visit, bundle_of_reports):
    lineage = load_bundle(bundle_of_reports).domain.lineage
    page = visit()
    wait_until_drawn(page)
    count = page.locator("#report-count")
    n_lines, n_blood = len(lineage), lineage.count("Lymphoid")
    expect(count).to_contain_text(f"{n_lines} of {n_lines} lines")
    before = {name: drawn_values(page, name) for name in PLOTS}
    page.get_by_label("Lineage", exact=True).select_option("Lymphoid")
    expect(count).to_contain_text(f"{n_blood} of {n_lines} lines")
    page.wait_for_function(
        "n => document.querySelector('[data-plot=dependence] .js-plotly-plot').data"
        ".filter((one) => one.type === 'scatter' && one.xaxis === 'x')"
        ".reduce((sum, one) => sum + one.x.length, 0) === n",
        arg=n_blood,
    )
    for name in PLOTS:
        assert drawn_values(page, name) != before[name], name
    genes = page.locator("#f-set option").nth(1).inner_text()
    page.get_by_label("Gene set", exact=True).select_option(index=1)
    n_genes = int(re.search(r"\((\d+)\)$", genes)[1])
    expect(count).to_contain_text(f", {n_genes} of ")
    expect(plot(page, "genes").locator(".plot-note")).to_contain_text("Lymphoid")
    page.get_by_role("button", name="Show everything").click()
    expect(count).to_contain_text(f"{n_lines} of {n_lines} lines")
    for name in PLOTS:
        assert drawn_values(page, name) == before[name], name


def drawn_values(page, name):
    return plot(page, name).evaluate(
        "figure => JSON.stringify(figure.querySelector('.js-plotly-plot').data"
        ".map((one) => [Array.from(one.x ?? []), Array.from(one.y ?? [])]))"
    )


def test_what_is_saved_holds_the_numbers(visit, report_service):
    page = visit()
    wait_until_drawn(page)
    with report_service.http() as http:
        record = http.get("/v1/reports/Cisplatin").json()
    genes = saved(page, "genes", "CSV")
    assert genes.suggested_filename.startswith("cupromark-cisplatin-weight-of-genes")
    with genes.path().open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    told = [(row[0], float(row[2]), float(row[3])) for row in rows]
    assert told == [
        (one["title"], one["mean_size"]["value"], one["mean_size"]["low"])
        for one in record["drivers"]["genes"]
    ]
    with saved(page, "lines", "CSV").path().open(newline="") as file:
        names = [row[0] for row in csv.reader(file)][1:]
    assert names == record["drivers"]["lines"]["name"]
    assert saved(page, "genes", "PNG").path().read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in saved(page, "genes", "SVG").path().read_bytes()


def test_a_table_says_what_a_plot_shows(visit, report_service):
    page = visit()
    wait_until_drawn(page)
    plot(page, "genes").get_by_text("Table of this plot").click()
    with report_service.http() as http:
        genes = http.get("/v1/reports/Cisplatin").json()["drivers"]["genes"]
    headings = plot(page, "genes").get_by_role("rowheader")
    expect(headings).to_have_text([one["title"] for one in genes])
    labelled = plot(page, "genes").locator("[role=img]").get_attribute("aria-label")
    assert labelled.startswith("Cisplatin: weight of genes")


def test_genes_lead_to_claims_and_to_public_pages(visit):
    page = visit()
    wait_until_drawn(page)
    page.get_by_text("Read on about the").click()
    links = page.locator(".gene-links a")
    outward = [
        link for link in links.all() if not link.get_attribute("href").startswith("/claims?gene=")
    ]
    assert outward
    assert all(link.get_attribute("rel") == "noopener noreferrer" for link in outward)
    gene = page.locator(".gene-links strong").first.inner_text()
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("laims")
    expect(page.get_by_label("Gene, process")).to_have_value(gene)


def test_figures_of_chosen_lines_are_those_of_the_library(visit):
    page = visit(blocked="/v1/reports/")
    module = page.locator('script[src$="/report.js"]').get_attribute("src")
    random = np.random.default_rng(0)
    values = random.normal(size=40).round(1)  # with ties
    labels = random.random(40) < 0.4
    patients = [at // 2 for at in range(40)]
    share, roc_auc, size, one_label = page.evaluate(
        """async ({ module, values, labels, patients }) => {
            const numbers = await import(module.replace("report.js", "report_numbers.js"));
            const draws = numbers.patientDraws(values.map((_, at) => at), patients);
            return [numbers.wilson(7, 20), numbers.rocAuc(values, labels),
                numbers.meanReading(values.map(Math.abs), draws),
                numbers.rocAuc(values, values.map(() => true))];
        }""",
        {
            "module": module,
            "values": values.tolist(),
            "labels": labels.tolist(),
            "patients": patients,
        },
    )
    expected = wilson_reading(7, 20)
    assert tuple(share.values()) == pytest.approx((expected.value, expected.low, expected.high))
    assert roc_auc == pytest.approx(roc_auc_score(labels, values))
    assert one_label is None
    sizes = np.abs(values)
    (known,) = mean_readings(sizes[:, None], patient_weights([str(one) for one in patients]))
    assert size["value"] == pytest.approx(known.value)
    for end in ("low", "high"):  # other draws of the same patients
        assert size[end] == pytest.approx(getattr(known, end), abs=0.05)
    page.wrong[:] = [text for text in page.wrong if "ERR_FAILED" not in text]


def test_a_report_that_cannot_be_fetched_says_why(visit):
    page = visit(blocked="/report-pieces/")
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    expect(page.locator("#genes")).to_contain_text("could not be fetched")
    expect(page.locator("#evidence svg").first).to_be_visible()
    page.wrong[:] = [text for text in page.wrong if "ERR_FAILED" not in text]


def test_without_plotly_the_tables_are_left(visit):
    page = visit(blocked="plotly.min.js")
    state = plot(page, "genes").get_by_role("alert")
    expect(state).to_contain_text("could not be fetched")
    plot(page, "genes").get_by_text("Table of this plot").click()
    expect(plot(page, "genes").get_by_role("rowheader").first).to_be_visible()
    page.wrong[:] = [text for text in page.wrong if "ERR_FAILED" not in text]


def test_plots_keep_their_room_and_follow_the_scheme(visit):
    page = visit(viewport=NARROW)
    wait_until_drawn(page)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    shift = page.evaluate(
        "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()"
        ".filter((one) => one.hadRecentInput === false).reduce((sum, one) => sum + one.value, 0)))"
        ".observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => done(0), 500))"
    )
    assert shift < 0.1  # what web.dev calls good
    paper = "document.querySelector('.js-plotly-plot .main-svg').style.background"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => {paper} !== before", arg=light)


@pytest.mark.parametrize(("drug", "scheme"), [("Cisplatin", "light"), ("Elesclomol", "dark")])
def test_axe_finds_nothing_wrong(visit, examine, drug, scheme):
    page = visit(drug, scheme=scheme)
    wait_until_drawn(page)
    page.get_by_text("Table of this plot").first.click()
    assert examine(page, exclude=DRAWINGS) == []
