import re
from urllib.parse import quote

import orjson
import pytest

from models.reports.page import report_page
from models.reports.report_maker import ReportMaker
from serving.reports.schemas import ReportAnswer
from tests.serving.reports.reading import sections_of

STRANGE = '<script>alert(1)</script> & "co" </style>'
SLASHED = "A/B.pdf 5"


@pytest.fixture
def locked(make_service, asgi_client, source, folder):
    return asgi_client(make_service(source=source, bundle=str(folder), open_mode=False))


def address(drug, ending=""):
    return f"/v1/reports/{quote(drug, safe='')}{ending}"


def test_the_record_is_what_the_report_says(client, served):
    answer = client.get(address("cisplatin"))
    assert answer.status_code == 200, answer.text
    record = ReportAnswer.model_validate(answer.json(), strict=False)
    bundle = served.bundle.bundle
    assert (record.drug, record.cohort, record.simulated) == ("Cisplatin", "made-up", True)
    assert record.bundle.sha256 == served.sha256
    assert record.verdict.status == bundle.drugs["Cisplatin"].status
    assert record.missing == []
    lines = record.drivers.lines
    assert lines.name == list(bundle.domain.samples)
    assert set(lines.patient) == set(range(len(lines.name) // 2))
    for entry in (*record.drivers.genes, *record.drivers.sets):
        assert len(entry.attribution) == len(lines.name)
        mean = sum(map(abs, entry.attribution)) / len(lines.name)
        assert entry.mean_size.value == pytest.approx(mean, abs=2e-5)
        assert entry.mean_size.low <= entry.mean_size.value <= entry.mean_size.high


def test_attributions_of_genes_and_of_sets_add_up_to_the_same_answers(client):
    drivers = client.get(address("Cisplatin")).json()["drivers"]
    for at in range(len(drivers["lines"]["name"])):
        of_genes, of_sets = (
            sum(one["attribution"][at] for one in drivers[kind]) for kind in ("genes", "sets")
        )
        assert of_genes == pytest.approx(of_sets, abs=1e-3)


def test_what_the_page_works_out_for_chosen_lines_is_what_the_service_worked_out_for_all(client):
    """A total is the mean size of the sum of a set's genes, as report_selection.js has it."""
    drivers = client.get(address("Cisplatin")).json()["drivers"]
    n_lines = len(drivers["lines"]["name"])
    for one in drivers["sets"]:
        if one["total_size"] is None:
            continue
        members = [gene for gene in drivers["genes"] if one["name"] in gene["sets"]]
        sums = [sum(gene["attribution"][at] for gene in members) for at in range(n_lines)]
        assert one["total_size"]["value"] == pytest.approx(sum(map(abs, sums)) / n_lines, abs=1e-3)


def test_genes_have_their_public_ids(client):
    genes = client.get(address("Cisplatin")).json()["drivers"]["genes"]
    found = {one["name"]: (one["entrez"], one["ensembl"]) for one in genes}
    assert found["FDX1"] == ("2230", "ENSG00000137714")
    assert found["lineage"] == (None, None)


def test_the_file_is_the_printed_report_itself(client, served, folder):
    from models.bundle_files import load_bundle

    answer = client.get(address("Elesclomol", ".html"))
    assert answer.status_code == 200
    expected = report_page(ReportMaker.of(load_bundle(folder)).report("Elesclomol"))
    assert answer.text == expected
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="cupromark-report-elesclomol.html"'


def test_the_page_holds_every_section_of_the_printed_report(client):
    printed = client.get(address("Elesclomol", ".html")).text
    shell = client.get("/reports/Elesclomol").text
    pieces = client.get("/report-pieces/Elesclomol").text
    headings = re.findall(r"<h2[^>]*>([^<]+)", printed)[:-1]  # the last are the tables
    assert headings
    assert [one for one in headings if one not in shell] == []
    figures = re.findall(r"<h3>Figure (\d+)\. ([^<]+)</h3>", printed)
    shown = re.findall(r"<h3>Figure (\d+)\. ([^<]+)</h3>", shell + pieces)
    assert sorted(shown, key=lambda one: int(one[0])) == figures
    for text in sections_of(printed):
        assert text in shell + pieces


def test_a_withheld_drug_has_a_page_that_says_why(client):
    page = client.get("/reports/Elesclomol").text
    assert "Withheld: the evidence does not carry" in page
    assert "Why this status: for a test." in page
    assert page.count('class="flag"') > 10


def test_names_with_markup_slashes_and_endings_are_names(client):
    for drug in (STRANGE, SLASHED):
        assert client.get(address(drug)).json()["drug"] == drug
        for path in (f"/reports/{quote(drug, safe='')}", f"/report-pieces/{quote(drug, safe='')}"):
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            assert "<script>alert" not in answer.text
            assert "style=" not in answer.text
    name = client.get(address(STRANGE, ".html")).headers["content-disposition"]
    assert name == 'attachment; filename="cupromark-report-script-alert-1-script-co-style.html"'


def test_an_unknown_drug_is_not_found_in_any_form(client):
    for path in (address("none-such"), address("none-such", ".pdf"), "/report-pieces/none-such"):
        assert client.get(path).status_code == 404
    page = client.get("/reports/none-such")
    assert page.status_code == 404
    assert "knows no such drug" in page.text
    assert page.headers["content-type"].startswith("text/html")


def test_a_bundle_is_named_by_its_sha256_or_not_at_all(client, served):
    sha256 = served.sha256
    assert client.get(address("Cisplatin"), params={"bundle": sha256[:12]}).status_code == 200
    page = client.get("/reports/Cisplatin", params={"bundle": sha256})
    assert f"/v1/reports/Cisplatin.pdf?bundle={sha256}" in page.text
    for named, status in (("7", 404), ("ffffffff", 404), ("latest", 422), (sha256[:7], 422)):
        answer = client.get(address("Cisplatin"), params={"bundle": named})
        assert answer.status_code == (404 if named.isdecimal() else status), answer.text
    assert client.get("/reports/Cisplatin", params={"bundle": "99"}).status_code == 404


def test_what_did_not_change_is_not_sent_again(client):
    first = client.get(address("Cisplatin"))
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(address("Cisplatin"), headers=tag).status_code == 304
    assert client.get(address("Elesclomol"), headers=tag).status_code == 200
    assert client.get(address("Cisplatin", ".html"), headers=tag).status_code == 200


def test_a_changed_bundle_is_refused_with_the_reason(
    make_service, asgi_client, source, folder, tmp_path
):
    import shutil

    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    with (damaged / "linear.npz").open("r+b") as file:
        file.seek(100)
        file.write(b"\0\0\0\0")
    client = asgi_client(make_service(source=source, bundle=str(damaged)))
    answer = client.get(address("Cisplatin"))
    assert answer.status_code == 503
    assert "linear.npz" in answer.text
    assert client.get("/report-pieces/Cisplatin").status_code == 503
    assert client.get("/reports/Cisplatin").status_code == 200  # what is in memory is right


def test_another_bundle_in_the_folder_is_refused(
    make_service, asgi_client, one_bundle, served, folder
):
    other = one_bundle(served.bundle.bundle)  # it says that its sha256 is another
    answer = asgi_client(make_service(source=other, bundle=str(folder))).get(address("Cisplatin"))
    assert answer.status_code == 503
    assert served.sha256[:12] in answer.json()["detail"]


def test_without_a_key_nothing_is_told(locked):
    assert locked.get(address("Cisplatin")).status_code == 401
    assert locked.get("/report-pieces/Cisplatin").status_code == 401
    page = locked.get("/reports/Cisplatin?bundle=champion")
    assert page.status_code == 303
    assert "Cisplatin" not in page.text


def test_a_ledger_in_the_store_gives_the_verdicts(
    make_service, asgi_client, source, folder, tmp_path
):
    client = asgi_client(make_service(source=source, bundle=str(folder), store=str(tmp_path)))
    before = client.get(address("Cisplatin")).json()
    claim = next(one for one in before["claims"] if one["verdict"] == "not tested")
    ledger = tmp_path / "evidence" / "claims-made-up.json"
    ledger.parent.mkdir()
    row = {"claim_id": claim["claim_id"], "verdict": "supported", "within_lineage": 0.25}
    ledger.write_bytes(orjson.dumps({"cohort": "made-up", "claims": [row]}))
    after = client.get(address("Cisplatin")).json()
    found = next(one for one in after["claims"] if one["claim_id"] == claim["claim_id"])
    assert (found["verdict"], found["correlation"]["value"]) == ("supported", 0.25)
    ledger.write_bytes(orjson.dumps({"cohort": "another", "claims": [row]}))
    other = client.get(address("Cisplatin"))
    assert other.status_code == 503
    assert "claims tested on another" in other.json()["detail"]
