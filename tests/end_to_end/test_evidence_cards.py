"""Evidence cards by command: run, stopped and gone on with, shown, drawn."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest

SCRIPT = Path(sys.executable).with_name("cupromark")
RUN = (
    *("evidence", "run", "--cohort", "ccle-gdsc2", "--drugs", "Cisplatin"),
    *("--random-sets", "60", "--seeds", "1", "--jobs", "1"),
)
PATIENCE_SECONDS = 300


def stop_when_kept(store: Path) -> subprocess.CompletedProcess[str]:
    """Start a run, press Ctrl-C when its first part of the controls is kept, and wait."""
    running = subprocess.Popen(  # noqa: S603
        [SCRIPT, *RUN, "--store", store],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "300"},
        # A shell that runs the tests in the background has them, and us, ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    patience = time.monotonic() + PATIENCE_SECONDS
    while running.poll() is None and time.monotonic() < patience:
        if list(store.glob("evidence/*.partial/*/seed*.npy")):
            running.send_signal(signal.SIGINT)
            break
        time.sleep(0.02)
    out, err = running.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(RUN, running.returncode, out, err)


@pytest.fixture(name="stopped", scope="module")
def fixture_stopped(shared_data, tmp_path_factory):
    del shared_data
    store = tmp_path_factory.mktemp("evidence") / "var"
    return store, stop_when_kept(store)


@pytest.fixture(name="resumed", scope="module")
def fixture_resumed(stopped):
    store, _ = stopped
    again = subprocess.run(  # noqa: S603
        [SCRIPT, *RUN, "--store", store, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "300"},
    )
    assert again.returncode == 0, again.stderr
    return store, again


def test_a_run_that_is_stopped_says_where_it_goes_on(stopped):
    store, outcome = stopped
    assert outcome.returncode == 130
    assert "the same command goes on there" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (store / "evidence" / "ccle-gdsc2.json").exists()


def test_the_same_command_goes_on_and_cleans_up(resumed):
    store, again = resumed
    assert "finished parts of an earlier run are kept" in again.stderr
    assert [path.name for path in (store / "evidence").iterdir()] == ["ccle-gdsc2.json"]
    card = json.loads(again.stdout)["cards"]["Cisplatin"]
    assert card["random"]["n_sets"] == 60
    assert {"roc_auc", "lineage", "random", "q", "brier", "coverage", "status"} <= set(card)


def test_cards_are_valid_under_the_schema_that_the_command_prints(resumed, run):
    store, _ = resumed
    schema = json.loads(run("evidence", "schema").out)
    shown = run("evidence", "show", "ccle-gdsc2", "--drug", "cisplatin", "--store", store, "--json")
    card = json.loads(shown.out)
    assert [str(one) for one in jsonschema_rs.Draft202012Validator(schema).iter_errors(card)] == []


def test_a_card_is_shown_in_words_and_drawn(resumed, run, tmp_path):
    store, _ = resumed
    page, plot = tmp_path / "new" / "card.html", tmp_path / "card.svg"
    asked = ("ccle-gdsc2", "--drug", "Cisplatin", "--html", page, "--plot", plot, "--store", store)
    shown = run("evidence", "show", *asked)
    assert shown.out.startswith("Cisplatin on ccle-gdsc2: ")
    assert "ranks a sensitive line above a resistant one" in shown.out
    assert page.read_text().startswith("<!doctype html>")
    assert plot.read_text().startswith("<svg ")
    refused = run("evidence", "show", "ccle-gdsc2", "--html", page, "--store", store)
    assert refused.code == 2
    assert "--drug" in refused.err


def test_pages_of_all_drugs_are_written_to_a_folder(resumed, run, tmp_path):
    store, _ = resumed
    done = run("evidence", "page", "ccle-gdsc2", "--html", tmp_path, "--store", store)
    assert (done.code, done.out) == (0, "")
    written = {path.name for path in (tmp_path / "ccle-gdsc2").iterdir()}
    assert {"index.html", "by-q.html", "drug-cisplatin.html"} <= written
