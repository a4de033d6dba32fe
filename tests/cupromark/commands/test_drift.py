"""`cupromark drift`, on a database that a service counted into."""

import importlib.util
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cupromark.commands.drift import first_day
from cupromark.main import main
from cupromark.options import UsageError
from models.compiled import CompiledBundle
from models.drift.counting import Counter
from serving.database.engine import open_database
from serving.database.schema import prepare_database
from serving.drift.store import add_counts

MADE_UP = Path(__file__).resolve().parents[2] / "models" / "conftest.py"
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def compiled():
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return CompiledBundle(module.make_bundle())


@pytest.fixture
def count(compiled, tmp_path):
    """Count profiles of a caller, moved up by so many standard deviations, some days ago."""
    counter = Counter.of(compiled.bundle, sha256="ab" * 32)
    reference = compiled.bundle.features.reference_
    database = open_database(f"sqlite:///{tmp_path / 'serving.db'}")
    prepare_database(database)

    def count(caller, shift=0.0, days=0):
        z = np.random.default_rng(days).normal(size=(150, len(reference.genes))) + shift
        values = (reference.location + reference.scale * z).clip(0.05, 15.5)
        answers = compiled.predict(list(reference.genes), values, scale="rma_log2")
        moment = datetime.now(UTC) - timedelta(days=days)
        counts = counter.count([answers], set())
        add_counts(database, counter.reference, caller, counts, moment)

    yield count
    database.close()


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "STATE", "DRIFT_LEAST_SHARE"):
        monkeypatch.delenv(f"CUPROMARK_SERVE_{name}", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["drift", *arguments, "--state", str(tmp_path)])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def test_without_counts_there_is_nothing_to_say(run):
    assert run("--check")[:2] == (
        0,
        "Nothing was counted yet: a caller is counted once enough different profiles came.\n",
    )
    assert json.loads(run("--json")[1])["overall"] is None


def test_drift_is_told_and_checked(run, count):
    count("a", shift=1.5)
    count("b", days=1)
    code, out, _ = run("--check")
    assert code == 1
    assert "150 training" not in out
    assert "60 training samples of made-up; 300 profiles." in out
    assert "drifted: 11 of 11 genes (100%)" in out
    assert "caller a: 150 profiles, 11 of 11 genes (100%)" in out
    assert "caller b: 150 profiles, 0 of 11 genes (0%)" in out
    code, out, _ = run("--caller", "b", "--check")
    assert code == 0
    assert "caller a" not in out
    assert run("--caller", "b", "--least-share", "0", "--check")[0] == 0


def test_only_the_days_asked_for_count(run, count):
    count("a", shift=1.5, days=9)
    count("a")
    assert run("--check")[0] == 0
    assert run("--since", "30d", "--check")[0] == 1
    told = json.loads(run("--since", "30d", "--json")[1])
    assert told["overall"]["n_profiles"] == 300
    assert told["overall"]["kind"] == "higher"
    assert len(told["days"]) == 2
    assert told["genes"][0]["drifted"]


def test_a_bundle_is_named_by_the_beginning_of_its_sha256(run, count):
    count("a")
    assert json.loads(run("--bundle", "abab", "--json")[1])["overall"]["n_profiles"] == 150
    code, _, err = run("--bundle", "cd")
    assert code == 2
    assert "0 bundles that were counted begin with 'cd'" in err


@pytest.mark.parametrize(
    ("since", "first"),
    [("1d", TODAY), ("30d", date(2026, 10, 23)), ("2026-01-01", date(2026, 1, 1))],
)
def test_a_first_day_is_a_day_or_a_number_of_them(since, first):
    assert first_day(since, TODAY) == first


@pytest.mark.parametrize("since", ["", "d", "tomorrow", "0d", "-3d", "9999999d", "2026-11-22"])
def test_a_day_that_has_not_begun_is_refused(since):
    with pytest.raises(UsageError, match="no day that has begun"):
        first_day(since, TODAY)
