import csv
import importlib.util
import json
from pathlib import Path

import pytest

from cupromark.main import main
from models.bundle_files import write_bundle

MADE_UP = Path(__file__).resolve().parents[2] / "models" / "conftest.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = tmp_path_factory.mktemp("bundle") / "made-up"
    write_bundle(module.make_bundle(), written)
    return str(written)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "STATE", "TWO_PERSON_RULE"):
        monkeypatch.delenv(f"CUPROMARK_SERVE_{name}", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["reviews", *arguments, "--state", str(tmp_path)])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def test_findings_are_put_at_the_desk_once_and_listed(run, folder):
    first = json.loads(run("prepare", "--bundle", folder, "--json")[1])
    again = json.loads(run("prepare", "--bundle", folder, "--json")[1])
    assert (first.pop("stored"), again.pop("stored")) == (True, False)
    assert first == again
    listed = json.loads(run("list", "--limit", "1000", "--json")[1])
    assert listed["total"] == len(listed["findings"]) == sum(first["findings"].values()) > 0
    some = run("list", "--bundle", first["bundle_sha256"][:12], "--limit", "2")
    assert len(some[1].splitlines()) == 2
    assert f"2 of {listed['total']}" in some[2]
    assert json.loads(run("list", "--review", "unsure", "--json")[1])["total"] == 0


def test_the_status_says_what_is_missing(run, folder):
    run("prepare", "--bundle", folder)
    code, out, _ = run("status", "--bundle", folder, "--check")
    assert (code, "missing: 1 drug: nobody decided about Cisplatin." in out) == (1, True)
    code, out, _ = run("status", "--bundle", folder, "--status", "exploratory", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["approvals"] == {"none": 4}
    assert found["missing"] == ["1 drug: nobody decided about Elesclomol."]


def test_export_writes_json_and_csv(run, folder, tmp_path):
    run("prepare", "--bundle", folder)
    as_json, as_csv = tmp_path / "reviews.json", tmp_path / "reviews.csv"
    assert run("export", "--bundle", folder, "--out", str(as_json))[0] == 0
    content = json.loads(as_json.read_text())
    assert set(content) == {"bundle_sha256", "drugs", "findings", "decisions"}
    made = run("export", "--bundle", folder, "--what", "findings", "--out", str(as_csv), "--json")
    assert json.loads(made[1])["bytes"] == as_csv.stat().st_size
    with as_csv.open(newline="") as rows:
        assert len(list(csv.DictReader(rows))) == len(content["findings"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--bundle", "FOLDER", "--out", "reviews.txt"),
        ("export", "--bundle", "FOLDER", "--out", "r.csv", "--what", "everything"),
        ("list", "--review", "done"),
        ("status", "--bundle", "FOLDER", "--judged", "nothing"),
        ("status", "--bundle", "FOLDER"),
    ],
)
def test_mistakes_end_in_one_message(run, folder, arguments):
    """The last one: nothing of the bundle was put at the desk."""
    code, _, err = run(*(folder if word == "FOLDER" else word for word in arguments))
    assert (code, err.startswith("Error: ")) == (2, True)
