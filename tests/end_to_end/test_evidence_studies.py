"""Studies of evidence by command, on the public slices."""

import json

import pytest

STUDIES = {
    "ablation": ("--cohort", "ccle-gdsc2", "--drugs", "Cisplatin", "--genes", 2),
    "labels": ("--cohort", "ccle-gdsc2", "--drugs", "Cisplatin", "--seeds", 1),
    "calibration": ("--cohort", "ccle-gdsc2", "--drugs", "Cisplatin", "--jobs", 1),
    "null": (
        *("--cohort", "ccle-gdsc2", "--drugs", "Cisplatin,Olaparib", "--seeds", 2),
        *("--estimators", "rank_ridge", "--jobs", 1),
    ),
    "platforms": ("--drugs", "Cisplatin"),
    "patients": ("--drugs", "Cisplatin", "--seeds", 1),
}


@pytest.fixture(autouse=True)
def public_data(shared_data, monkeypatch):
    monkeypatch.setenv("CUPROMARK_MIRROR", str(shared_data))


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_printed_drawn_and_kept(run, tmp_path, name):
    plot = tmp_path / "plot.svg"
    given = ("evidence", name, *STUDIES[name], "--store", tmp_path, "--plot", plot)
    answer = run(*given, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    (kept,) = (tmp_path / "evidence").glob(f"*-{name}.json")
    assert json.loads(kept.read_text()) == found
    assert found["study"] == name
    assert found["about"]["simulated"] is False
    assert "NaN" not in answer.out
    assert plot.read_bytes().startswith(b"<?xml")


def test_a_study_reads_as_markdown_and_says_where_it_is_kept(run, tmp_path):
    shown = run("evidence", "labels", *STUDIES["labels"], "--store", tmp_path)
    assert shown.out.startswith("## Labels by tertile and waterfall")
    assert "| Cisplatin" in shown.out
    assert str(tmp_path / "evidence" / "ccle-gdsc2-labels.json") in shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("labels", "--cohort", "ccle-gdsc2", "--drugs", "Cisplatim"), "did you mean Cisplatin"),
        (("ablation", "--cohort", "geo:GSE15709"), "without the scale"),
        (("patients", "--cohort", "ccle-gdsc2"), "holds ln_ic50"),
        (("platforms", "--asked-on", "tcga"), "samples of tcga"),
        (("null", "--cohort", "ccle-gdsc2", "--estimators", "ridge"), "one of rank_ridge"),
        (("labels", "--cohort", "ccle-gdsc2", "--plot", "plot.gif"), ".svg or .png"),
        (("compare", "no-such", "champion"), "no-such"),
    ],
)
def test_bad_input_is_refused_in_words(run, tmp_path, arguments, said):
    answer = run("evidence", *arguments, "--store", tmp_path)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_bundle_is_compared_with_itself_and_with_one_of_another_cohort(
    run, store, bundle_folder, tmp_path
):
    answer = run("evidence", "compare", bundle_folder, bundle_folder, "--store", tmp_path, "--json")
    assert answer.code == 0, answer.err
    for sides in json.loads(answer.out)["drugs"].values():
        assert sides["difference"]["verdict"] == "no real difference"
        assert sides["difference"]["roc_auc"]["value"] == 0
        assert sides["a"] == sides["b"]
    versions = ("1", "2")  # of ccle-gdsc2 and of depmap-gdsc2
    other = run("evidence", "compare", *versions, "--store", store, "--json")
    found = json.loads(other.out)["drugs"]["Cisplatin"]["difference"]["verdict"]
    assert found == "not comparable: different cohorts, ccle-gdsc2 and depmap-gdsc2"


def test_the_external_check_ranks_ten_profiles(run, bundle_folder, tmp_path):
    answer = run("evidence", "external", "--bundle", bundle_folder, "--store", tmp_path, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert sum(found["n_profiles"].values()) == 10
    assert 0 <= found["roc_auc"] <= 1
    assert found["interval"].startswith("not estimable: ")
