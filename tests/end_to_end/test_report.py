"""`cupromark report`: a file for a drug, a folder for several."""

import json
import shutil

import pytest


def page_of(run, bundle, drug, path, *more):
    done = run("report", "--bundle", bundle, "--drug", drug, "--out", path, *more)
    assert done.code == 0, done.err
    return path.read_text(encoding="utf-8")


def test_cisplatin_of_a_bundle_trained_on_real_data(run, bundle_folder, bundle, tmp_path):
    page = page_of(run, bundle_folder, "cisplatin", tmp_path / "cisplatin.html")
    assert "Weight of genes" in page
    assert 'class="absent"' not in page
    assert bundle.sha256 in page
    assert "doi:10.1016/j.cell.2016.06.017" in page  # how the response data are cited
    assert len(page.encode()) < 2_000_000
    again = page_of(run, bundle_folder, "Cisplatin", tmp_path / "again.html")
    assert again == page


def test_parts_that_a_bundle_does_not_allow_are_named(run, made_up_folder, tmp_path):
    out = tmp_path / "one.html"
    done = run("report", "--bundle", made_up_folder, "--drug", "Cisplatin", "--out", out, "--json")
    (written,) = json.loads(done.out)["written"]
    assert written["bytes"] == out.stat().st_size
    assert any("proliferation" in reason for reason in written["missing"])
    assert "Not in it:" in done.err
    assert "proliferation" in out.read_text()


def test_all_drugs_go_to_a_folder_withheld_ones_marked(run, made_up_folder, tmp_path):
    done = run("report", "--bundle", made_up_folder, "--drugs", "all", "--out", tmp_path / "all")
    assert done.code == 0, done.err
    assert "4 reports" in done.out
    names = {path.name for path in (tmp_path / "all").iterdir()}
    assert len(names) == 5
    assert "index.html" in names
    withheld = (tmp_path / "all" / "report-5-fluorouracil.html").read_text()
    assert "(withheld)</title>" in withheld


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--drug", "Cisplatinum", "--out", "one.html"), "did you mean Cisplatin"),
        (("--drug", "Cisplatin", "--out", "one.txt"), "ends in .html or .pdf"),
        (("--out", "one.html"), "Neither --drug nor --drugs"),
        (("--drug", "Cisplatin", "--drugs", "all", "--out", "x"), "Both --drug and --drugs"),
        (("--drugs", "all", "--out", "x", "--format", "docx"), "one of html, pdf"),
        (("--drug", "Cisplatin", "--out", "."), "names the folder"),
        (("--drug", "Cisplatin", "--out", "one.html", "--ledger", "none.csv"), "cannot be read"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    run, made_up_folder, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    done = run("report", "--bundle", made_up_folder, *arguments)
    assert done.code == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_bundle_gives_no_report(run, made_up_folder, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(made_up_folder, damaged)
    raw = bytearray((damaged / "linear.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (damaged / "linear.npz").write_bytes(bytes(raw))
    out = tmp_path / "one.html"
    done = run("report", "--bundle", damaged, "--drug", "Cisplatin", "--out", out)
    assert done.code == 2
    assert "linear.npz was changed" in done.err
    assert not out.exists()


def test_a_ledger_beside_the_store_is_found(run, made_up_folder, tmp_path):
    claim = "opa1-up-cisplatin-resistance-nsclc"
    row = {"claim_id": claim, "verdict": "contradicted", "within_lineage": 0.25, "n_lines": 60}
    kept = tmp_path / "evidence" / "claims-made-up.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({"cohort": "made-up", "claims": [row]}))
    page = page_of(run, made_up_folder, "Cisplatin", tmp_path / "one.html", "--store", tmp_path)
    assert "ledger of claims tested on made-up" in page
    assert "contradicted: +0.25, 60 lines" in page
