"""Jobs in Chromium: a job followed as a worker moves it, through a restart of the service too."""

import re
import signal

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from models.jobs.board import JobBoard
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import make_keys, serving
from tests.end_to_end.watched_pages import NARROW, PATIENCE_MS, WIDE

END_SECONDS = 20  # less than what requests in flight are given: whoever watches must not hold it
HOSTILE = "<b onclick=alert(1)>bold</b>"
AT = 1_800_000_000.0


class Worker:
    """Makes jobs, and moves them as a worker does."""

    def __init__(self, address):
        self.board = JobBoard(address)
        self.board.start()
        self._engine = open_jobs_engine(address)

    def submit(self, **fields):
        spec = JobSpec.from_json({"kind": "retrain", "cohort": "ccle-gdsc2"} | fields)
        return self.board.submit(spec, submitted_by="A. Lead").job.job_id

    def change(self, job_id, *lines, **values):
        with writing(self._engine) as connection:
            if values:
                connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**values))
            add_lines(connection, job_id, [(AT, "info", text) for text in lines])

    def close(self):
        self.board.close()
        self._engine.dispose()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs") / "serving"


@pytest.fixture(scope="module")
def job_service(state, made_up_folder):
    keys = make_keys(state)
    with serving(state, keys, "--bundle", made_up_folder) as running:
        yield running
        assert running.end() == 0
        assert '"status":500' not in running.log.read_text()


@pytest.fixture(scope="module")
def worker(state):
    opened = Worker(f"sqlite:///{state.parent / 'jobs.db'}")
    yield opened
    opened.close()


@pytest.fixture
def visit(open_page):
    """Open pages logged in."""

    def visit(service, *, scope="admin", **options):
        cookies = login_cookies(service.address, service.keys[scope])
        return open_page(service.address, cookies=cookies, **options)

    return visit


def follow(page, job_id):
    page.goto(f"/jobs/{job_id}")
    expect(page.locator("#job-link")).to_have_text("Live: this page follows the job.")


def log_of(page):
    return [
        text.partition(" ")[2] for text in page.locator("#job-log p:not(.help)").all_inner_texts()
    ]


def test_a_job_moves_on_the_page_without_a_jump(visit, job_service, worker):
    job_id = worker.submit()
    page = visit(job_service)
    follow(page, job_id)
    top = page.locator("#job-log").bounding_box()["y"]
    worker.change(job_id, HOSTILE, state="running", step="train", percent=30.0, seconds_left=90.0)
    expect(page.locator("#job-percent")).to_have_text("30%")
    expect(page.locator("#job-left")).to_have_text("2 min left")
    expect(page.locator("[aria-current=step]")).to_contain_text("Train")
    expect(page.locator("#job-log")).to_contain_text(HOSTILE)
    worker.change(job_id, *(f"line {n}" for n in range(60)), percent=80.0, seconds_left=None)
    expect(page.locator("#job-percent")).to_have_text("80%")
    expect(page.locator("#job-log")).to_contain_text("line 59")
    assert page.locator("#job-log").bounding_box()["y"] == top
    end = {"state": "succeeded", "outcome": "refused", "percent": 100.0}
    worker.change(job_id, **end, reasons=["floor: 0.5; needed 0.55"], figures={"n_drugs": 2})
    expect(page.locator("#job-link")).to_have_text("The job has ended.")
    expect(page.locator(".job-head")).to_contain_text("refused by the gate")
    expect(page.locator(".gate tbody tr")).to_have_count(1)
    expect(page.locator(".job-figures")).to_contain_text("Drugs")
    expect(page.get_by_role("button", name="Cancel the job")).to_be_hidden()
    expect(page.get_by_role("button", name="Run it again")).to_be_visible()
    assert page.locator("#job-log").bounding_box()["y"] == top
    assert log_of(page) == [HOSTILE, *(f"line {n}" for n in range(60))]


def test_the_log_follows_its_end_unless_somebody_reads_further_up(visit, job_service, worker):
    job_id = worker.submit()
    worker.change(job_id, *(f"early {n}" for n in range(80)), state="running", step="train")
    page = visit(job_service)
    follow(page, job_id)
    worker.change(job_id, "newer")
    expect(page.get_by_text("newer")).to_be_in_viewport()
    log = page.locator("#job-log")
    log.evaluate("log => { log.scrollTop = 0; }")
    worker.change(job_id, "newest")
    to_end = page.get_by_role("button", name="To the newest line")
    expect(to_end).to_be_visible()
    assert log.evaluate("log => log.scrollTop") == 0
    to_end.click()
    expect(to_end).to_be_hidden()
    worker.change(job_id, state="failed", reason="for a test")
    expect(page.locator(".job-said")).to_have_text("For a test")


def test_a_job_is_submitted_cancelled_resumed_and_run_again(visit, job_service, worker):
    page = visit(job_service)
    page.goto("/jobs#new-job")
    page.get_by_role("textbox", name="Cohort").fill("")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("textbox", name="Cohort")).to_be_focused()
    page.get_by_role("textbox", name="Cohort").fill("depmap-gdsc2")
    page.get_by_label("Drugs, one a line").fill("Cisplatin\n\nDocetaxel ")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url("**/jobs/*")
    job_id = page.url.rpartition("/")[2]
    spec = worker.board.get(job_id).spec
    assert (spec.cohort, spec.drugs) == ("depmap-gdsc2", ("Cisplatin", "Docetaxel"))
    press(page, "Cancel the job", "Leave it as it is")
    assert worker.board.get(job_id).state == "queued"
    press(page, "Cancel the job", "Cancel the job")
    expect(page.locator(".job-head")).to_contain_text("cancelled")
    press(page, "Resume from the last checkpoint", "Resume the job")
    expect(page.locator(".job-head")).to_contain_text("queued")
    worker.change(job_id, "it goes on", state="failed", reason="for a test")
    expect(page.locator("#job-log")).to_contain_text("it goes on")
    press(page, "Run it again as a new job", "Make a new job")
    page.wait_for_url(lambda address: not address.endswith(job_id))
    again = worker.board.get(page.url.rpartition("/")[2])
    assert (again.spec, again.submitted_by) == (spec, "admin")


def press(page, name, answer):
    page.locator("#job-actions").get_by_role("button", name=name).click()
    page.get_by_role("dialog").get_by_role("button", name=answer).click()


def test_the_list_shows_what_changes_and_is_filtered(visit, job_service, worker):
    page = visit(job_service)
    page.goto("/jobs?kind=promote")
    job_id = worker.submit(kind="promote", bundle="7", cohort=None)
    row = page.locator(f"#job-{job_id}")
    expect(row).to_contain_text("Promote 7", timeout=PATIENCE_MS)
    page.get_by_label("State").select_option("failed")
    page.wait_for_url(re.compile("state=failed&kind=promote"))
    expect(page.get_by_text("No job fits these filters")).to_be_visible()
    worker.change(job_id, state="failed", reason="for a test")
    expect(row).to_contain_text("For a test", timeout=PATIENCE_MS)


def test_a_page_outlives_a_restart_of_the_service(visit, tmp_path, made_up_folder):
    state = tmp_path / "serving"
    keys = make_keys(state)
    worker = Worker(f"sqlite:///{tmp_path / 'jobs.db'}")
    job_id = worker.submit()
    with serving(state, keys, "--bundle", made_up_folder) as first:
        page = visit(first)
        follow(page, job_id)
        worker.change(job_id, "before", state="running", step="train", percent=10.0)
        expect(page.locator("#job-log")).to_contain_text("before")
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(END_SECONDS) == 0
    expect(page.locator("#job-link")).to_contain_text("Trying again")
    worker.change(job_id, "while it was away", percent=20.0)
    port = int(first.address.rpartition(":")[2])
    with serving(state, keys, "--bundle", made_up_folder, port=port) as second:
        expect(page.locator("#job-percent")).to_have_text("20%")
        worker.change(job_id, "after", state="succeeded", outcome="promoted", percent=100.0)
        expect(page.locator(".job-head")).to_contain_text("promoted")
        expect(page.locator("#job-log")).to_contain_text("after")
        assert log_of(page) == ["before", "while it was away", "after"]
        assert second.end() == 0
    worker.close()
    page.wrong[:] = [text for text in page.wrong if "ERR_" not in text]  # the browser's own lines


@pytest.mark.parametrize(("scheme", "viewport"), [("light", NARROW), ("dark", WIDE)])
def test_axe_finds_nothing_wrong_and_nothing_is_too_wide(
    visit, job_service, worker, examine, scheme, viewport
):
    states = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
    ids = {state: worker.submit() for state in states}
    for state, job_id in ids.items():
        worker.change(job_id, "a line", state=state, step="gate", reason="w" * 90)
    reasons = ["floor: 0.5; needed 0.55"]
    worker.change(ids["succeeded"], outcome="refused", reasons=reasons, figures={"a": 1.0})
    page = visit(job_service, scheme=scheme, viewport=viewport)
    for path in ("/jobs#new-job", "/jobs?state=waiting&kind=promote"):
        page.goto(path)
        assert examine(page) == []
        assert overhang(page) <= 0
    for job_id in ids.values():
        page.goto(f"/jobs/{job_id}")
        assert overhang(page) <= 0
    for state in ("running", "succeeded"):
        page.goto(f"/jobs/{ids[state]}")
        assert examine(page) == [], state
    page.goto(f"/jobs/{ids['queued']}")
    page.get_by_role("button", name="Cancel the job").click()
    assert examine(page) == []


def overhang(page):
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
