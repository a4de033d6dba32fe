"""Files sent to the running application: the same answers as `cupromark predict`, or a problem."""

import asyncio
import gzip
import io
import json
import os
import signal
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.readers.formats import FORMATS as READABLE
from features.reading import read_expression
from models.prediction import predict
from models.profile_files import read_profiles
from models.validation import validate_file
from serving.uploads.options import FORMATS
from serving.uploads.temporary import PREFIX

MIB = 2**20
DRUGS = ["Cisplatin", "Elesclomol"]
PARQUET = "application/vnd.apache.parquet"
LEFT_OPEN = {"bundle_sha256"}  # whole over HTTP, its first 12 letters on the command line


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch):
    """A folder of temporary files of its own, in which nothing may be left."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.glob(f"{PREFIX}*")) == []


@pytest.fixture(scope="module")
def bundle(made_up_source):
    return made_up_source.served.bundle.bundle


@pytest.fixture
def send(service):
    def send_file(content, name="profiles.csv", path="/v1/predictions", headers=None, **fields):
        fields = {"scale": "rma_log2"} | fields
        files = {"file": (name, content)}
        return service.client.request("POST", path, files=files, data=fields, headers=headers)

    return send_file


def table_of(answer):
    return pd.DataFrame(answer.json()["predictions"])


def assert_same(answer, expected):
    assert answer.status_code == 200, answer.text
    table = table_of(answer)
    for column in ("sample_id", "drug", "label", "status"):
        assert list(table[column]) == list(expected[column])
    np.testing.assert_allclose(
        table["probability_sensitive"], expected["probability_sensitive"], atol=1e-6
    )
    np.testing.assert_allclose(table["domain_percentile"], expected["domain_percentile"], atol=1e-6)


def read_answers(path, bundle, *, scale, drugs=None, lineage=None, align="auto", **reading):
    profiles = read_profiles(path, bundle, scale=scale, **reading)
    answers = predict(bundle, profiles, drugs=drugs, lineage=lineage, align=align)
    return answers, profiles


# Same answers as the command line


def in_every_container(text):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("profiles.csv", text)
    return {"plain": text, "gzip": gzip.compress(text), "zip": zipped.getvalue()}


@pytest.mark.parametrize("container", ["plain", "gzip", "zip"])
def test_a_form_is_answered_as_the_command_line_answers(
    send, bundle, profiles, as_csv, tmp_path, container
):
    content = in_every_container(as_csv(profiles))[container]
    path = tmp_path / "profiles.csv"
    path.write_bytes(content)
    expected, read = read_answers(path, bundle, scale="rma_log2", drugs=DRUGS, lineage="Lung")
    answer = send(content, drugs=",".join(DRUGS), lineage="Lung")
    assert_same(answer, expected.table)
    body = answer.json()
    assert tuple(body["warnings"]) == (*read.report.steps, *expected.notes)
    assert body["genes"]["id_type"] == "symbol"


def test_a_raw_body_is_answered_as_a_form(send, service, profiles, as_csv):
    content = as_csv(profiles)
    raw = service.client.request(
        "POST",
        "/v1/predictions",
        params={"scale": "rma_log2", "drugs": DRUGS, "level": "0.9"},
        content=content,
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )
    form = send(content, drugs=DRUGS, level="0.9").json()
    assert raw.json()["level"] == 0.9
    assert raw.json()["predictions"] == form["predictions"]


def test_a_content_encoding_is_undone_first(service, profiles, as_csv):
    answer = service.client.request(
        "POST",
        "/v1/predictions?scale=rma_log2",
        content=gzip.compress(as_csv(profiles)),
        headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("scale", ["tpm", "counts", "mas5_linear", "log2_tpm"])
@pytest.mark.parametrize("align", ["auto", "rank"])
def test_profiles_of_every_scale_are_taken_to_log2_once(
    send, bundle, profiles, as_csv, tmp_path, scale, align
):
    values = profiles if scale == "log2_tpm" else np.exp2(profiles)
    values = values.clip(lower=0)
    content = as_csv(values.round() if scale == "counts" else values)
    path = tmp_path / "profiles.csv"
    path.write_bytes(content)
    expected, _ = read_answers(path, bundle, scale=scale, drugs=DRUGS, align=align)
    assert_same(send(content, scale=scale, drugs=DRUGS, align=align), expected.table)


def test_json_gives_the_answers_of_the_file(send, service, profiles, as_csv):
    content = as_csv(profiles)
    document = {
        "scale": "rma_log2",
        "genes": list(profiles.columns),
        "values": profiles.astype(float).to_numpy().tolist(),
        "ids": list(profiles.index),
    }
    by_json = service.client.request("POST", "/v1/predictions", json=document).json()
    by_file = send(content).json()
    for one, other in zip(by_json["predictions"], by_file["predictions"], strict=True):
        assert one["probability_sensitive"] == pytest.approx(
            other["probability_sensitive"], abs=1e-6
        )
    assert by_json["gene_coverage"] == by_file["gene_coverage"]
    for one, other in zip(by_json["samples"], by_file["samples"], strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_names_of_genes_are_reported_as_the_file_has_them(send, profiles, as_csv):
    renamed = profiles.rename(columns={"DNM1L": "DRP1"})
    answer = send(as_csv(renamed)).json()
    assert answer["genes"]["renamed"] == {"DRP1": "DNM1L"}
    assert "DNM1L" in answer["gene_coverage"]["matched"]


def test_lineages_by_sample_come_as_covariates(send, profiles, as_csv):
    covariates = {"lineage": {profiles.index[0]: "Lung", profiles.index[1]: "nowhere"}}
    answer = send(as_csv(profiles), covariates=json.dumps(covariates)).json()
    used = [sample["lineage_used"] for sample in answer["samples"]]
    assert used[0] == "Lung"
    assert set(used[1:]) == {"unknown: training mean"}


def test_a_profile_that_is_flat_in_the_genes_that_matter_alone_is_answered(
    send, bundle, profiles, as_csv, tmp_path
):
    profiles.loc["line_0", list(bundle.features.required_genes_)] = 4.5
    path = tmp_path / "profiles.csv"
    path.write_bytes(as_csv(profiles))
    expected, _ = read_answers(path, bundle, scale="rma_log2", drugs=DRUGS)
    assert_same(send(path.read_bytes(), drugs=DRUGS), expected.table)
    profiles.loc["line_0"] = 4.5
    assert send(as_csv(profiles)).json()["type"] == "/problems/unanswerable"


def test_formats_are_those_of_the_readers_but_h5ad():
    assert set(FORMATS) == set(READABLE) - {"h5ad"}


# Every format, cut from real files


def cut_gct(shared_data):
    path = shared_data / "ccle" / "CCLE_Expression_Entrez_2012-09-29.gct"
    n_samples = 6
    with path.open("rb") as stream:
        rows = [line.rstrip(b"\r\n").split(b"\t")[: 2 + n_samples] for line in stream][2:]
    first = [b"#1.2", b"%d\t%d" % (len(rows) - 1, n_samples)]
    return b"\n".join([*first, *(b"\t".join(row) for row in rows)]) + b"\n", "rma_log2", None


def cut_gdsc(shared_data):
    path = shared_data / "gdsc" / "Cell_line_RMA_proc_basalExp.txt.zip"
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
        rows = [line.rstrip(b"\r\n").split(b"\t")[:8] for line in stream]
    return b"\n".join(b"\t".join(row) for row in rows) + b"\n", "rma_log2", None


def cut_depmap(shared_data):
    path = shared_data / "depmap" / "OmicsExpressionProteinCodingGenesTPMLogp1.csv"
    with path.open("rb") as stream:
        return b"".join(next(stream) for _ in range(5)), "log2_tpm", None


def cut_xena(shared_data):
    path = shared_data / "tcga" / "EBpp_AdjustPANCAN_cuproptosis_genes.tsv"
    rows = [line.split(b"\t")[:6] for line in path.read_bytes().splitlines()]
    return b"\n".join(b"\t".join(row) for row in rows) + b"\n", "log2_tpm", None


def cut_series(shared_data):
    path = shared_data / "geo" / "GSE15709-GPL570_series_matrix.txt.gz"
    mapped = next((shared_data / "geo" / "platforms").glob("GPL570*"))
    return path.read_bytes(), "mas5_linear", mapped


CUTS = {
    "gct": cut_gct,
    "gdsc_rma": cut_gdsc,
    "depmap": cut_depmap,
    "xena": cut_xena,
    "series_matrix": cut_series,
}


@pytest.fixture
def bundle_of(made_up, monkeypatch):
    """A bundle whose gene panel is in a file, whatever part of the genes the file was cut to."""

    def make(path, **reading):
        genes = read_expression(path, **reading).genes[:12]
        panel = {"one": genes[:4], "fission": genes[4:8], "fusion": genes[8:]}
        monkeypatch.setattr(made_up, "PANEL", panel)
        return made_up.make_bundle()

    return make


@pytest.mark.parametrize("format", CUTS)
def test_real_files_are_answered_as_the_command_line_answers(
    running, one_bundle, bundle_of, shared_data, tmp_path, format
):
    content, scale, mapped = CUTS[format](shared_data)
    path = tmp_path / "real"
    path.write_bytes(content)
    files = {"file": ("real", content)}
    if mapped is not None:
        files["platform_map"] = (mapped.name, mapped.read_bytes())
    source = one_bundle(bundle_of(path, scale=scale, platform_map=mapped))
    bundle = source.served.bundle.bundle
    expected, read = read_answers(path, bundle, scale=scale, drugs=DRUGS, platform_map=mapped)
    with running(source, tmp_path) as service:
        asked = {"scale": scale, "drugs": DRUGS}
        answer = service.client.request("POST", "/v1/predictions", files=files, data=asked)
        asked = {"scale": scale, "format": format}
        report = service.client.request("POST", "/v1/validations", files=files, data=asked).json()
    assert read.report.format == format
    assert_same(answer, expected.table)
    assert tuple(answer.json()["warnings"]) == (*read.report.steps, *expected.notes)
    told = validate_file(path, scale=scale, panel=bundle, platform_map=mapped, format=format)
    assert report == json.loads(json.dumps(told.to_json()))


@pytest.mark.parametrize("format", ["csv", "tsv", "parquet"])
def test_tables_of_every_kind_are_read(send, profiles, format):
    stream = io.BytesIO()
    if format == "parquet":
        profiles.to_parquet(stream)
    else:
        profiles.T.to_csv(stream, sep="," if format == "csv" else "\t")
    detected = send(stream.getvalue()).json()["predictions"]
    declared = send(stream.getvalue(), format=format).json()["predictions"]
    assert detected == declared
    assert len(detected) == 7 * 2


# Answers in other forms


def test_parquet_holds_what_the_csv_holds(send, profiles, as_csv):
    content = as_csv(profiles)
    parquet = send(content, headers={"Accept": PARQUET})
    assert parquet.headers["content-type"] == PARQUET
    one = pd.read_parquet(io.BytesIO(parquet.content))
    other = pd.read_csv(io.BytesIO(send(content, headers={"Accept": "text/csv"}).content))
    other["conformal_set"] = other["conformal_set"].fillna("none")
    empty = ["approval_limits", "approval_as_of"]
    other[empty] = other[empty].astype(object).fillna("")
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-12)


def test_json_may_be_answered_in_parquet(service, profiles):
    document = {
        "scale": "rma_log2",
        "genes": list(profiles.columns),
        "values": profiles.astype(float).to_numpy().tolist(),
    }
    answer = service.client.request(
        "POST", "/v1/predictions", json=document, headers={"Accept": PARQUET}
    )
    table = pd.read_parquet(io.BytesIO(answer.content))
    assert dict(table.dtypes.astype(str)) == {
        "sample_id": "object",
        "drug": "object",
        "probability_sensitive": "float64",
        "label": "object",
        "status": "object",
        "conformal_set": "object",
        "domain_percentile": "float64",
        "gene_coverage": "float64",
        "n_genes_missing": "int64",
        "alignment": "object",
        "lineage_used": "object",
        "bundle_version": "object",
        "bundle_sha256": "object",
        "cohort": "object",
        "simulated": "bool",
        "approval": "object",
        "approval_limits": "object",
        "approval_as_of": "object",
    }
    assert len(table) == 7 * 2


def test_explanations_take_files_too(send, service, profiles, as_csv):
    document = {
        "scale": "rma_log2",
        "genes": list(profiles.columns),
        "values": profiles.astype(float).to_numpy().tolist(),
        "ids": list(profiles.index),
        "drugs": DRUGS[:1],
        "top": 3,
    }
    by_json = service.client.request("POST", "/v1/explanations", json=document).json()
    path = "/v1/explanations"
    answer = send(as_csv(profiles), path=path, drugs=DRUGS[0], top="3").json()
    for one, other in zip(by_json["explanations"], answer["explanations"], strict=True):
        assert one["base_log_odds"] == other["base_log_odds"]
        assert [gene["name"] for gene in one["genes"]] == [gene["name"] for gene in other["genes"]]
    assert any("Delimiter" in step for step in answer["warnings"])
    assert send(as_csv(profiles), path=path, top="0").status_code == 422


# What is refused


def problem(answer, status, slug):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["type"] == f"/problems/{slug}"
    assert len(answer.content) < 16 * 1024
    return body


def bomb():
    return gzip.compress(b"gene,s1,s2\n" + b"0" * (64 * MIB), 9)


BAD_FILES = {
    "empty": (b"", 422, "unreadable-file"),
    "junk": (bytes(range(256)) * 64, 422, "unreadable-file"),
    "null bytes": (bytes(4096), 422, "unreadable-file"),
    "header alone": (b"gene,s1,s2\n", 422, "unreadable-file"),
    "bomb": (bomb(), 413, "too-large"),
    "truncated gzip": (gzip.compress(os.urandom(4096))[:-500], 422, "unreadable-file"),
    "truncated Parquet": (b"PAR1" + bytes(100), 422, "unreadable-file"),
    "Parquet of lies": (b"PAR1" + b"\xff" * 500 + b"\xf0\x01\x00\x00PAR1", 422, "unreadable-file"),
    "h5ad": (b"\x89HDF\r\n\x1a\n" + bytes(100), 422, "unreadable-file"),
    "HTML": (b"<!DOCTYPE html><html><body>Sign in</body></html>", 422, "unreadable-file"),
    "a PDF": (b"%PDF-1.7\n" + bytes(100), 422, "unreadable-file"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("path", ["/v1/predictions", "/v1/validations", "/v1/explanations"])
def test_a_file_that_is_none_is_a_problem_and_the_next_is_read(send, profiles, as_csv, kind, path):
    content, status, slug = BAD_FILES[kind]
    problem(send(content, path=path), status, slug)
    assert send(as_csv(profiles), path=path).status_code == 200


@pytest.mark.parametrize("format", FORMATS)
def test_junk_declared_to_be_a_format_is_a_problem(send, format):
    problem(send(os.urandom(3000), format=format), 422, "unreadable-file")


def test_values_that_contradict_the_scale_are_refused_and_not_told(send, profiles, as_csv):
    profiles.iloc[0, 0] = 31337.25
    body = problem(send(as_csv(profiles)), 422, "scale")
    assert "31337" not in str(body)
    assert "declare the scale" in body["remedy"]


def test_genes_damaged_by_a_spreadsheet_are_refused(send, profiles, as_csv):
    damaged = profiles.rename(columns={"GENE1": "1-Mar", "GENE2": "2-Sep"})
    assert "unreadable" not in problem(send(as_csv(damaged)), 422, "gene-identifiers")["type"]


@pytest.mark.parametrize("cell", ["31337CANARY", "nan", "", "inf"])
def test_cells_that_are_no_numbers_are_refused_and_not_told(send, profiles, as_csv, cell):
    content = as_csv(profiles).replace(str(profiles.iloc[0, 0]).encode(), cell.encode(), 1)
    body = problem(send(content), 422, "unreadable-file")
    assert "CANARY" not in str(body)


def test_a_sample_that_is_there_twice_is_refused(send, profiles, as_csv):
    profiles.index = ["a", "a", *profiles.index[2:]]
    problem(send(as_csv(profiles)), 422, "samples")


def test_too_few_genes_are_refused(send, profiles, as_csv):
    problem(send(as_csv(profiles[["FDX1", "MKI67", "PCNA", "GENE1"]])), 422, "gene-coverage")


def test_more_samples_than_the_limit_are_too_many(
    running, made_up_source, profiles, as_csv, tmp_path
):
    with running(made_up_source, tmp_path, max_profiles=6) as service:
        answer = service.client.request(
            "POST",
            "/v1/predictions?scale=rma_log2",
            content=as_csv(profiles),
            headers={"Content-Type": "text/csv"},
        )
    assert "7 samples" in problem(answer, 413, "too-large")["detail"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a\0b\n.csv", "x" * 900, "."]
)
def test_the_name_of_a_file_is_no_path(send, profiles, as_csv, name):
    answer = send(as_csv(profiles), name=name, path="/v1/validations")
    source = answer.json()["source"]
    assert not set("/\\\0\n") & set(source)
    assert 0 < len(source) <= 100


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"scale": "furlongs"}, "/scale"),
        ({"level": "1"}, "/level"),
        ({"level": "nan"}, "/level"),
        ({"level": "0x1p-1"}, "/level"),
        ({"align": "CANARY"}, "/align"),
        ({"format": "h5ad"}, "/format"),
        ({"orientation": "sideways"}, "/orientation"),
        ({"drugs": " , "}, "/drugs"),
        ({"drugs": "x" * 300}, "/drugs"),
        ({"drugs": "CANARY"}, "/drugs/0"),
        ({"covariates": "{"}, "/covariates"),
        ({"covariates": "[]"}, "/covariates"),
        ({"covariates": '{"lineage": {"CANARY": "Lung"}}'}, "/covariates/lineage/CANARY"),
        ({"covariates": '{"lineage": "Lung"}', "lineage": "Lung"}, "/lineage"),
        ({"level": ["0.5", "0.6"]}, "/level"),
        ({"CANARY": "31337"}, "/CANARY"),
        ({"top": "3"}, "/top"),
    ],
)
def test_a_field_that_is_wrong_is_pointed_at(send, profiles, as_csv, fields, pointer):
    body = problem(send(as_csv(profiles), **fields), 422, "invalid-request")
    assert [place["pointer"] for place in body["errors"]] == [pointer]
    assert "31337" not in str(body)


def test_the_query_is_pointed_at_by_name(service, profiles, as_csv):
    answer = service.client.request(
        "POST",
        "/v1/predictions?level=2&what=31337",
        content=as_csv(profiles),
        headers={"Content-Type": "text/csv"},
    )
    body = problem(answer, 422, "invalid-request")
    assert {place["pointer"] for place in body["errors"]} == {"?level", "?what", "/scale"}


def post_form(service, body, boundary="frontier", **headers):
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"} | headers
    return service.client.request("POST", "/v1/predictions", content=body, headers=headers)


def part(name, content, *, filename=None):
    named = f'; filename="{filename}"' if filename else ""
    head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = b"--frontier--\r\n"
SCALE = part("scale", b"rma_log2")


@pytest.mark.parametrize(
    ("body", "boundary", "status", "slug"),
    [
        (part("file", b"x", filename="a") + END, "elsewhere", 400, "malformed-body"),
        (part("file", b"x", filename="a") + END, "", 400, "malformed-body"),
        (part("file", b"x", filename="a") + END, "f" * 500, 400, "malformed-body"),
        (part("file", b"x", filename="a"), "frontier", 400, "malformed-body"),
        (b"", "frontier", 400, "malformed-body"),
        (b"CANARY", "frontier", 400, "malformed-body"),
        (b"--frontier\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, "frontier", 400,
         "malformed-body"),
        (b"--frontier\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\nx\r\n" + END, "frontier", 400,
         "malformed-body"),
        (part("scale", b"\xff\xfe") + END, "frontier", 400, "malformed-body"),
        (SCALE + END, "frontier", 422, "invalid-request"),
        (SCALE + 2 * part("file", b"x", filename="a") + END, "frontier", 422, "invalid-request"),
        (part("drugs", b"x" * (2 * MIB)) + END, "frontier", 413, "too-large"),
        (1_500 * part("drugs", b"x") + END, "frontier", 413, "too-large"),
    ],
)  # fmt: skip
def test_a_form_that_is_none_is_a_problem(service, body, boundary, status, slug):
    told = problem(post_form(service, body, boundary), status, slug)
    assert "CANARY" not in str(told)


def test_a_length_that_is_claimed_is_believed_before_it_comes(service):
    answer = post_form(service, b"", **{"Content-Length": str(2 * 1024**3)})
    problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "image/png", "application/xml", "multipart/mixed"],
)
def test_a_type_that_is_not_read_is_named(service, content_type):
    answer = service.client.request(
        "POST", "/v1/predictions", content=b"x", headers={"Content-Type": content_type}
    )
    assert "multipart/form-data" in problem(answer, 415, "unsupported-media-type")["needed"]


def test_json_takes_no_options_in_the_query(service):
    answer = service.client.request("POST", "/v1/predictions?level=0.5", json={})
    assert problem(answer, 422, "invalid-request")["errors"][0]["pointer"] == "?"


# Readers that do not come to an end


def slow_file():
    """A named pipe would be slow; a table of many columns is what a caller can send."""
    genes = 4_000
    row = b",".join([b"7.25", b"6.5"] * 300)
    header = b",".join(b"s%d" % at for at in range(600))
    return b"gene," + header + b"\n" + b"".join(b"G%d,%s\n" % (at, row) for at in range(genes))


def test_a_file_that_takes_too_long_is_too_large(running, made_up_source, tmp_path):
    with running(made_up_source, tmp_path, upload_seconds=0.01) as service:
        answer = service.client.request(
            "POST",
            "/v1/predictions?scale=rma_log2",
            content=slow_file(),
            headers={"Content-Type": "text/csv"},
        )
    assert "0.01 s" in problem(answer, 413, "too-large")["detail"]


def test_a_reader_killed_amid_a_file_is_replaced(
    running, made_up_source, profiles, as_csv, tmp_path
):
    with running(made_up_source, tmp_path, upload_readers=1) as service:
        ask = {
            "method": "POST",
            "path": "/v1/predictions?scale=rma_log2",
            "headers": {"Content-Type": "text/csv"},
        }
        assert service.client.request(**ask, content=as_csv(profiles)).status_code == 200
        [pid] = service.uploads.idle_pids
        os.kill(pid, signal.SIGSTOP)  # it will not be done before it is killed
        answered = threading.Event()

        def kill_when_busy():
            while service.uploads.idle_pids and not answered.is_set():
                time.sleep(0.001)
            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_when_busy)
        killer.start()
        try:
            answer = service.client.request(**ask, content=slow_file())
        finally:
            answered.set()
            killer.join()
        assert "retry-after" in answer.headers
        problem(answer, 503, "not-ready")
        assert service.client.request(**ask, content=as_csv(profiles)).status_code == 200


def test_a_caller_who_goes_away_ends_the_reader(
    running, made_up_source, profiles, as_csv, tmp_path
):
    sent = []

    async def go_away(app):
        messages = [{"type": "http.request", "body": slow_file(), "more_body": False}]

        async def receive():
            if messages:
                return messages.pop()
            await asyncio.sleep(0.05)
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/v1/predictions", "raw_path": b"",
            "query_string": b"scale=rma_log2", "headers": [(b"content-type", b"text/csv")],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 80), "scheme": "http",
            "root_path": "", "http_version": "1.1", "asgi": {"version": "3.0"},
        }  # fmt: skip
        await app(scope, receive, send)

    with running(made_up_source, tmp_path, upload_readers=1) as service:
        asyncio.run(go_away(service.app))
        assert sent[0]["status"] == 400  # for the log: no fault of the service
        answer = service.client.request(
            "POST",
            "/v1/predictions?scale=rma_log2",
            content=as_csv(profiles),
            headers={"Content-Type": "text/csv"},
        )
        assert answer.status_code == 200


def test_no_more_files_than_there_are_places(running, made_up_source, profiles, as_csv, tmp_path):
    with running(made_up_source, tmp_path, max_uploads=1) as service, service.uploads.place():
        answer = service.client.request(
            "POST",
            "/v1/predictions?scale=rma_log2",
            content=as_csv(profiles),
            headers={"Content-Type": "text/csv"},
        )
    problem(answer, 503, "not-ready")
    assert answer.headers["retry-after"] == "2"


def test_the_source_of_a_file_is_its_name(send, profiles, as_csv):
    answer = send(as_csv(profiles), name="Tumour à.csv", path="/v1/validations")
    assert answer.json()["source"] == "Tumour à.csv"
    assert Path(answer.json()["source"]).name == answer.json()["source"]
