"""`cupromark data check` and `data fetch --refresh`, at a mirror that is reached over HTTP."""

import json

import pytest

from cupromark.main import main
from cupromark.options import USER_ERROR

from tests.training.publishing import Publisher, sha256_of  # isort: skip

KEYS = {
    "ccle/CCLE_Expression_Entrez_2012-09-29.gct": "ccle_expression",
    "gdsc/GDSC2_fitted_dose_response_27Oct23.csv": "gdsc2_response",
    "depmap/Model.csv": "depmap_models",
    "hgnc/hgnc_complete_set.txt": "hgnc",
}
FIRST = {path: f"{path}, first release\n".encode() for path in KEYS}
MODELS = "depmap/Model.csv"
SECOND = FIRST | {MODELS: b"second release\n"}


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "*")
    publisher = Publisher()
    publisher.mirror(FIRST)
    monkeypatch.setenv("CUPROMARK_MIRROR", f"{publisher.address}/mirror")
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path))
    yield publisher
    publisher.close()


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["data", *arguments])
        return ended.value.code, capsys.readouterr()

    return run


def states(run, *arguments):
    code, said = run("check", *arguments, "--json")
    return code, {one["name"]: one["state"] for one in json.loads(said.out)}


def test_a_cohort_is_checked_and_refreshed(run, mirror, tmp_path):
    assert states(run, "ccle-gdsc2") == (0, dict.fromkeys(KEYS.values(), "not asked"))
    assert run("fetch", "ccle-gdsc2")[0] == 0
    assert states(run, "ccle-gdsc2") == (0, dict.fromkeys(KEYS.values(), "unchanged"))

    mirror.mirror(SECOND)
    code, said = run("check", "ccle-gdsc2")
    assert code == 0
    lines = said.out.splitlines()
    assert sorted(line.split("  ")[0] for line in lines[:-1]) == [
        "new release", "unchanged", "unchanged", "unchanged",
    ]  # fmt: skip
    assert lines[-1] == "4 files, 1 with a new release."

    code, said = run("fetch", "ccle-gdsc2", "--refresh", "--json")
    assert code == 0
    found = {one["name"]: (one["sha256"], one["news"]["state"]) for one in json.loads(said.out)}
    assert found["depmap_models"] == (sha256_of(SECOND[MODELS]), "new release")
    assert found["hgnc"][1] == "unchanged"
    assert states(run, "ccle-gdsc2")[1]["depmap_models"] == "unchanged"


def test_what_cannot_be_asked_is_told_and_ends_in_an_error(run, mirror):
    run("fetch", "ccle-gdsc2")
    mirror.close()
    code, said = run("check", "ccle-gdsc2")
    assert code == USER_ERROR
    assert said.out.count("cannot be asked") == len(KEYS)
    code, said = run("fetch", "ccle-gdsc2", "--refresh")
    assert code == USER_ERROR
    assert len(said.out.splitlines()) == said.err.count("cannot be asked") == len(KEYS)


def test_without_a_cohort_every_file_is_checked_once(run, mirror):
    code, said = run("check", "--json")
    names = [one["name"] for one in json.loads(said.out)]
    assert code == 0
    assert len(names) == len(set(names)) > len(KEYS)


def test_an_unknown_cohort_cannot_be_checked(run, mirror):
    code, said = run("check", "nothing-of-the-kind")
    assert code == USER_ERROR
    assert "nothing-of-the-kind" in said.err
