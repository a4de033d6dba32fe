"""`cupromark data`, and what happens where public data cannot be had."""

import json

import pytest


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No mirror, an empty cache, and a network that refuses: as on a machine behind a wall."""
    monkeypatch.setenv("CUPROMARK_MIRROR", "")
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    """Make a mirror of files by content, with a manifest that may list other hashes."""

    def mirror(files, listed):
        folder = tmp_path / "mirror"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        folder.mkdir(exist_ok=True)
        entries = [{"file": name, "sha256": sha256} for name, sha256 in listed.items()]
        (folder / "MANIFEST.json").write_text(json.dumps({"files": entries}))
        monkeypatch.setenv("CUPROMARK_MIRROR", str(folder))
        monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))

    return mirror


@pytest.fixture
def shared_mirror(monkeypatch, shared_data, tmp_path):
    monkeypatch.setenv("CUPROMARK_MIRROR", str(shared_data))
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("shared_mirror")
def test_the_mirror_is_listed_fetched_and_verified(run):
    listed = json.loads(run("data", "list", "--json").out)
    assert [cohort["name"] for cohort in listed][:2] == ["gdsc", "ccle-gdsc2"]
    assert listed[1]["files"][0]["state"] == "mirror, part"
    assert "ccle-gdsc2: CCLE expression arrays" in run("data", "list").out
    fetched = json.loads(run("data", "fetch", "ccle-gdsc2", "--json").out)
    assert {one["origin"] for one in fetched} == {"mirror"}
    assert "(a part of the official file)" in run("data", "fetch", "ccle-gdsc2").out
    verified = run("data", "verify")
    assert verified.code == 0
    assert verified.out.splitlines()[-1] == "22 files, 0 wrong or missing."


def test_a_mirror_with_a_wrong_and_a_missing_file_is_told(run, mirror):
    mirror({"ccle/whole.gct": "x"}, {"ccle/whole.gct": "0" * 64, "ccle/gone.gct": "0" * 64})
    verified = run("data", "verify")
    assert verified.code == 2
    assert [line.split()[0] for line in verified.out.splitlines()[:2]] == ["wrong", "missing"]
    states = [row["state"] for row in json.loads(run("data", "verify", "--json").out)]
    assert states == ["wrong", "missing"]


@pytest.mark.parametrize("command", ["data fetch ccle-gdsc2", "train --cohort gdsc"])
def test_a_file_that_the_mirror_lists_and_does_not_hold_is_an_error(run, mirror, command, tmp_path):
    mirror(
        {"hgnc/readme": ""},
        {
            "hgnc/hgnc_complete_set.txt.gz": "0" * 64,
            "ccle/CCLE_Expression_Entrez_2012-09-29.gct": "0" * 64,
        },
    )
    options = ("--store", tmp_path / "store") if command.startswith("train") else ()
    refused = run(*command.split(), *options)
    assert (refused.code, refused.out) == (2, "")
    assert "lists" in refused.err
    assert "but does not hold it" in refused.err


@pytest.mark.usefixtures("shared_mirror")
@pytest.mark.parametrize("command", [("data", "fetch"), ("train", "--cohort")])
def test_an_unknown_cohort_is_an_error(run, command):
    refused = run(*command, "ccle")
    assert (refused.code, refused.out) == (2, "")
    assert "There is no cohort 'ccle'" in refused.err
    assert "ccle-gdsc2" in refused.err


@pytest.mark.usefixtures("offline")
def test_nothing_is_left_of_a_download_that_failed(run, tmp_path):
    refused = run("data", "fetch", "ccle-gdsc2", "--json")
    assert refused.code == 2
    assert "CUPROMARK_MIRROR" in json.loads(refused.out)["error"]["remedy"]
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("offline")
def test_training_never_falls_back_to_made_up_data(run, tmp_path):
    refused = run("train", "--cohort", "ccle-gdsc2", "--store", tmp_path / "store")
    assert (refused.code, refused.out) == (2, "")
    assert "simulated" not in refused.err.lower()
    assert run("models", "list", "--store", tmp_path / "store", "--json").out == "[]\n"


@pytest.mark.usefixtures("offline")
def test_the_quickstart_says_simulated_wherever_it_is(run, tmp_path, monkeypatch):
    # One drug of the seven: the others run through the same code.
    monkeypatch.setattr("training.quickstart.SIMULATED_DRUGS", ("Cisplatin",))
    done = run("quickstart", "--store", tmp_path / "store")
    assert done.code == 0, done.err
    for name in ("gdsc", "ccle-gdsc2"):
        assert f"{name}: not taken." in done.err
    assert "this runs on SIMULATED data" in done.err
    assert "SIMULATED data: these figures say nothing about any drug." in done.out
    assert "cupromark models show" in done.out
    listed = json.loads(run("models", "list", "--store", tmp_path / "store", "--json").out)
    assert listed[0]["tags"]["simulated"] == "true"
    shown = json.loads(run("models", "show", "--store", tmp_path / "store", "--json").out)
    assert shown["simulated"] is True
    _assert_runs_are_marked(tmp_path / "store")
    _assert_answers_are_marked(run, tmp_path)


def _assert_runs_are_marked(store):
    from models.mlflow_session import mlflow_session
    from models.store import local_store

    opened = local_store(store)
    with mlflow_session(opened.tracking_uri) as client:
        runs = client.search_runs([opened.experiment_id()])
        marks = {str(run.data.tags.get("simulated")).lower() for run in runs}
    assert len(runs) >= 2
    assert marks == {"true"}


def _assert_answers_are_marked(run, folder):
    from models.store import local_store

    bundle = local_store(folder / "store").load()
    reference = bundle.features.reference_
    rows = [
        f"{gene},{value + 1e-3:.4f}"
        for gene, value in zip(reference.genes, reference.location, strict=True)
    ]
    (folder / "profile.csv").write_text("gene,sample_1\n" + "\n".join(rows))
    scale = reference.expression_scale
    command = ("predict", folder / "profile.csv", "--scale", scale, "--store", folder / "store")
    answered = json.loads(run(*command, "--drugs", "Cisplatin", "--json").out)
    assert all(row["simulated"] for row in answered["predictions"])
    assert any("simulated" in note for note in answered["notes"])
