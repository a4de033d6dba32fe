"""Bundles trained once on real data through the console script, and ways to run a command."""

import importlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect, sync_playwright

from cupromark.main import main
from models.bundle_files import load_bundle, write_bundle
from models.store import local_store
from tests.end_to_end.running_service import (
    load_make_bundle,
    make_keys,
    put_at_review_desk,
    question_of,
    serving,
)
from tests.end_to_end.watched_pages import PATIENCE_MS, watched_pages

SCRIPT = Path(sys.executable).with_name("cupromark")
TRAININGS = (  # in the order of their versions; the first is the champion
    ("--cohort", "ccle-gdsc2", "--drugs", "Cisplatin,Docetaxel", "--promote"),
    ("--cohort", "depmap-gdsc2", "--drugs", "Cisplatin"),
    ("--cohort", "tcga", "--drugs", "Cisplatin"),
)
PATIENCE_SECONDS = 300
expect.set_options(timeout=PATIENCE_MS)  # a timeout of a context holds for all but `expect`


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


def run_script(*arguments, **options):
    """Run the installed console script, as a user does."""
    return subprocess.run(  # noqa: S603
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture(name="run_script")
def fixture_run_script():
    return run_script


@pytest.fixture
def run(capsys):
    """Run a command in this process: the same code behind the script, without its start."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Outcome(ended.value.code or 0, out, err)

    return run


@pytest.fixture(scope="session")
def store(shared_data, tmp_path_factory):
    """Folder of a store with TRAININGS in it: made by one worker, waited for by the others."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, outcome = shared / "trained", shared / "trained.txt"
    try:
        made.mkdir()
    except FileExistsError:
        _wait_for(outcome)
    else:
        outcome.with_suffix(".part").write_text(_train_all(made, shared_data))
        outcome.with_suffix(".part").rename(outcome)
    if failure := outcome.read_text():
        pytest.fail(failure)
    return made


def _train_all(folder, shared_data):
    """Train and fetch every bundle; return why it failed, or nothing."""
    environment = os.environ | {"CUPROMARK_MIRROR": str(shared_data)}
    for training in TRAININGS:
        command = ("train", *training, "--seeds", 1, "--jobs", 1, "--store", folder)
        done = run_script(*command, env=environment)
        if done.returncode:
            return f"{training} ended with {done.returncode}: {done.stderr}"
    for stored in local_store(folder).list():
        local_store(folder).fetch(stored.version)
    return ""


def _wait_for(path):
    end = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if time.monotonic() > end:
            pytest.fail(f"another worker did not train within {PATIENCE_SECONDS} s")
        time.sleep(0.2)


@pytest.fixture(scope="session")
def bundle_folder(store):
    """Folder of the champion, trained on ccle-gdsc2."""
    return local_store(store).fetch("champion")


@pytest.fixture(scope="session")
def bundle(bundle_folder):
    return load_bundle(bundle_folder)


@pytest.fixture
def profiles(bundle):
    """Twelve made-up profiles, samples x every gene of the champion's cohort, log2."""
    reference = bundle.features.reference_
    noise = np.random.default_rng(7).normal(size=(12, len(reference.genes)))
    values = np.clip(reference.location + reference.scale * noise, 0.1, 19)
    samples = [f"sample_{number}" for number in range(1, 13)]
    return pd.DataFrame(values.astype(np.float32), index=samples, columns=list(reference.genes))


@pytest.fixture(scope="session")
def made_up_bundle():
    return load_make_bundle()()


@pytest.fixture(scope="session")
def made_up_folder(made_up_bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made-up") / "bundle"
    write_bundle(made_up_bundle, folder)
    return folder


@pytest.fixture(scope="session")
def question(made_up_bundle):
    """Two profiles that the made-up bundle answers for."""
    return question_of(made_up_bundle)


@pytest.fixture(scope="session")
def service(made_up_folder, tmp_path_factory):
    """A running service with keys, shared by the tests that only ask it."""
    state = tmp_path_factory.mktemp("serving")
    keys = make_keys(state)
    put_at_review_desk(state, made_up_folder)
    with serving(state, keys, "--bundle", made_up_folder) as running:
        yield running
        assert running.end() == 0
        assert '"status":500' not in running.log.read_text()


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, one a module."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium: neither chromium nor google-chrome is on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser):
    """Open pages; what one asks of other hosts or complains about fails the test."""
    with watched_pages(browser) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def examine():
    """Collects what axe finds on a page against WCAG 2.2 AA."""
    try:
        axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    except ModuleNotFoundError:
        pytest.skip("axe-playwright-python is not installed")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": rules, "resultTypes": ["violations"]}

    def examine(page, exclude=()):
        context = {"exclude": [[one] for one in exclude]} if exclude else None
        violations = axe.run(page, context=context, options=options).response["violations"]
        return [(page.url, one["id"], one["nodes"][0]["html"][:200]) for one in violations]

    return examine
