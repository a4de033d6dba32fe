"""Trained bundles: listed, shown, promoted, rolled back, and loaded where nothing heavy is."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from models.golden import check_golden

PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
PICKLE_ENDINGS = {".pkl", ".pickle", ".joblib", ".cloudpickle", ".skops"}
WITHOUT_THE_HEAVY = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"mlflow", "sklearn", "xgboost", "shap", "matplotlib"}:
            raise ImportError(f"{name} is not to be imported")

sys.meta_path.insert(0, Refuse())
from cupromark.main import main
main(sys.argv[1:])
"""


@pytest.fixture
def own_store(store, tmp_path):
    """Copy of the store that may be changed; its artifacts stay where they are."""
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(store / "mlflow.db", folder / "mlflow.db")
    return folder


def test_bundles_are_listed_newest_first(run, store):
    listed = json.loads(run("models", "list", "--store", store, "--json").out)
    assert [one["version"] for one in listed] == ["3", "2", "1"]
    assert [one["aliases"] for one in listed] == [["challenger"], [], ["champion"]]
    assert [one["tags"]["cohort"] for one in listed] == ["tcga", "depmap-gdsc2", "ccle-gdsc2"]
    lines = run("models", "list", "--store", store).out.splitlines()
    assert lines[-1].split() == ["1", "champion", "ccle-gdsc2"]


def test_a_bundle_is_shown_with_its_figures(run, store):
    shown = json.loads(run("models", "show", "--store", store, "--json").out)
    assert shown["version"] == "1"
    assert shown["cohort"] == "ccle-gdsc2"
    assert shown["simulated"] is False
    assert shown["n_panel_genes"] == 127
    table = run("models", "show", "champion", "--store", store).out
    for drug in ("Cisplatin", "Docetaxel"):
        assert drug in table
    assert "lineage alone" in table


def test_promote_and_roll_back(run, own_store):
    desk = ("--store", own_store, "--state", own_store / "serving")
    refused = run("models", "promote", "2", *desk)  # of another cohort: nothing to compare by
    assert refused.code == 1
    assert "UNKNOWN roc_auc " in refused.out
    promoted = run("promote", "2", "--force", "--because", "another cohort", *desk)
    assert promoted.code == 0
    assert "Version 2 is champion now, although it was refused:" in promoted.out
    shown = json.loads(run("models", "show", "--store", own_store, "--json").out)
    assert shown["cohort"] == "depmap-gdsc2"
    back = json.loads(run("models", "rollback", *desk, "--json").out)
    assert back["version"] == "1"
    assert "champion" in back["aliases"]
    refused = run("models", "rollback", *desk)
    assert refused.code == 2
    assert "No version of cupromark was champion before" in refused.err
    trail = json.loads(run("audit", "list", "--state", own_store / "serving", "--json").out)
    assert [(one["action"], one["bundle_version"]) for one in trail] == [
        ("bundle.rolled_back", "1"),
        ("bundle.promoted", "2"),
        ("bundle.forced", "2"),
        ("bundle.refused", "2"),
    ]
    assert "because: another cohort;" in trail[2]["detail"]


@pytest.mark.parametrize("command", ["show", "promote"])
@pytest.mark.parametrize("name", ["nobody", "99"])
def test_a_version_that_is_not_there_is_refused(run, store, command, name):
    refused = run("models", command, name, "--store", store)
    assert (refused.code, refused.out) == (2, "")
    assert name in refused.err
    assert "What to do:" in refused.err


def test_an_empty_store_says_what_to_do_next(run, tmp_path):
    assert "cupromark quickstart" in run("models", "list", "--store", tmp_path / "new").out
    assert run("models", "list", "--store", tmp_path / "new", "--json").out == "[]\n"
    (tmp_path / "profiles.csv").write_text("gene,s1\nFDX1,7.5\n")
    command = ("predict", tmp_path / "profiles.csv", "--scale", "rma_log2")
    refused = run(*command, "--store", tmp_path / "new")
    assert refused.code == 2
    assert "train one first" in refused.err


def test_a_store_that_cannot_be_made_is_refused(run, tmp_path):
    (tmp_path / "file").touch()
    refused = run("models", "list", "--store", tmp_path / "file" / "store")
    assert refused.code == 2
    assert "cannot be written" in refused.err


def test_a_file_is_validated_without_being_answered(run, store, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path, index_label="gene")
    accepted = run("validate", path, "--scale", "rma_log2", "--store", store)
    assert accepted.code == 0
    assert "12 samples, 1,000 genes." in accepted.out
    assert "Accepted: 127 of 127 panel genes are there (100%)" in accepted.out
    profiles.iloc[:, ::2].T.to_csv(path, index_label="gene")
    refused = run("validate", path, "--scale", "rma_log2", "--store", store, "--json")
    assert refused.code == 2
    found = json.loads(refused.out)
    assert found["accepted"] is False
    assert len(found["missing_genes"]) == round(127 * (1 - found["gene_coverage"]))
    path.write_text("gene,sample_1\n")
    unreadable = run("validate", path, "--scale", "rma_log2", "--store", store)
    assert (unreadable.code, unreadable.out) == (2, "")
    assert "a header and no rows" in unreadable.err


def test_no_pickle_in_a_trained_bundle(store):
    files = [path for path in store.rglob("*") if path.is_file()]
    assert any(path.name == "manifest.json" for path in files)
    for path in files:
        assert path.suffix not in PICKLE_ENDINGS, path
        assert not path.read_bytes().startswith(PICKLE_STARTS), path


def test_a_trained_bundle_answers_as_it_did_at_training_time(bundle):
    assert bundle.golden is not None
    check_golden(bundle)  # to 1e-6, raises otherwise


def test_a_bundle_answers_the_same_where_nothing_heavy_is(run, bundle_folder, profiles, tmp_path):
    profiles.T.to_csv(tmp_path / "profiles.csv", index_label="gene")
    command = ("predict", tmp_path / "profiles.csv", "--scale", "rma_log2")
    command = (*command, "--bundle", bundle_folder, "--lineage", "Lung")
    assert run(*command, "--out", tmp_path / "here.csv").code == 0
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", WITHOUT_THE_HEAVY, *command, "--out", tmp_path / "there.csv"],
        check=True,
        capture_output=True,
    )
    here, there = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("here", "there"))
    pd.testing.assert_frame_equal(here, there, rtol=0, atol=1e-6)
