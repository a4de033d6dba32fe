"""Every bad input gets one clear message and exit code 2, and leaves nothing half-written."""

import errno
import gzip
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest


def _with_cell(text):
    def write(profiles, path):
        table = profiles.T.astype(object)
        table.loc["ACADM", "sample_2"] = text
        table.to_csv(path, index_label="gene")

    return write


def _with_ids(change):
    def write(profiles, path):
        table = profiles.T
        table.index = change(list(table.index))
        table.to_csv(path, index_label="gene")

    return write


def _with_samples(change):
    def write(profiles, path):
        table = profiles.T
        table.columns = change(list(table.columns))
        table.to_csv(path, index_label="gene")

    return write


def _transposed_gct(profiles, path):
    lines = [f"#1.2\n{len(profiles)}\t{profiles.shape[1]}\n"]
    lines.append("\t".join(["Name", "Description", *profiles.columns]) + "\n")
    for sample, row in profiles.iterrows():
        lines.append("\t".join([sample, sample, *map(str, row)]) + "\n")
    path.write_text("".join(lines))


def _without_panel(_profiles, path):
    random = np.random.default_rng(0)
    rows = [f"OR{number}X1,{value:.3f}" for number, value in enumerate(random.uniform(3, 9, 1200))]
    path.write_text("gene,sample_1\n" + "\n".join(rows))


def _truncated_gzip(profiles, path):
    whole = gzip.compress(profiles.T.to_csv(index_label="gene").encode())
    path.write_bytes(whole[: len(whole) // 2])


def _gzip_bomb(_profiles, path):
    path.write_bytes(gzip.compress(b"gene,sample_1\n" + b"FDX1,7.5\n" * 3_000_000))


def _zip_bomb(_profiles, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("profiles.csv", b"gene,sample_1\n" + b"FDX1,7.5\n" * 3_000_000)


BAD_FILES = {
    "empty": (lambda _, path: path.write_bytes(b""), "is empty"),
    "blank": (lambda _, path: path.write_text("\n \n"), "holds no text"),
    "header only": (lambda _, path: path.write_text("gene,s1,s2\n"), "a header and no rows"),
    "binary": (lambda _, path: path.write_bytes(bytes(range(256)) * 9), "a binary file"),
    "web page": (lambda _, path: path.write_text("<!DOCTYPE html>\n<p>404"), "a web page"),
    "wrong delimiter": (
        lambda table, path: table.T.to_csv(path, sep="|", index_label="gene"),
        "has one column when parted",
    ),
    "decimal commas": (
        lambda table, path: table.T.to_csv(path, sep="\t", decimal=",", index_label="gene"),
        "not finite numbers",
    ),
    "transposed GCT": (_transposed_gct, "is transposed"),
    "NaN": (_with_cell("NaN"), "ACADM, column sample_2: 'NaN'"),
    "infinite": (_with_cell("inf"), "ACADM, column sample_2: 'inf'"),
    "text": (_with_cell("n.d."), "ACADM, column sample_2: 'n.d.'"),
    "empty cell": (_with_cell(""), "ACADM, column sample_2: an empty cell"),
    "linear under log2": (
        lambda table, path: (2**table.T).to_csv(path, index_label="gene"),
        "they look linear",
    ),
    "ratios under log2": (
        lambda table, path: (table.T - 8).to_csv(path, index_label="gene"),
        "below zero",
    ),
    "mixed ids": (
        _with_ids(lambda ids: [f"ENSG{n:011}" if n % 2 else g for n, g in enumerate(ids)]),
        "types",
    ),
    "duplicated samples": (
        _with_samples(lambda names: ["sample_1", *names[1:-1], "sample_1"]),
        "sample_1",
    ),
    "Excel dates": (_with_ids(lambda ids: ["2-Sep", "1-Mar", *ids[2:]]), "2-Sep"),
    "no panel gene": (_without_panel, "None of the 127 genes"),
    "below coverage": (
        lambda table, path: table.iloc[:, ::3].T.to_csv(path, index_label="gene"),
        "of 127 needed genes",
    ),
    "ambiguous alias": (
        _with_ids(lambda ids: ["CPT1" if gene == "CPT1A" else gene for gene in ids]),
        "CPT1 (CPT1A",
    ),
    "truncated gzip": (_truncated_gzip, "truncated or damaged"),
    "gzip bomb": (_gzip_bomb, "as a decompression bomb does"),
    "zip bomb": (_zip_bomb, "as a decompression bomb does"),
    "damaged Parquet": (lambda _, path: path.write_bytes(b"PAR1" + b"x" * 90), "Parquet"),
}


@pytest.fixture
def predict(run, store, bundle_folder, tmp_path):
    """Ask the champion for a file; answers would go to a folder that holds nothing else."""
    (tmp_path / "answers").mkdir()

    def predict(file, *options, scale="rma_log2", out=tmp_path / "answers" / "answers.csv"):
        command = ("predict", file, "--scale", scale, "--store", store, "--bundle", bundle_folder)
        return run(*command, "--out", out, *options)

    return predict


@pytest.fixture
def assert_refused(tmp_path):
    def assert_refused(outcome, found):
        lines = outcome.err.strip().splitlines()
        assert outcome.code == 2
        assert outcome.out == ""
        heads = [line.strip().split(":")[0] for line in lines]
        assert heads == ["Error", "Needed", "What to do"], outcome.err
        assert found in lines[0]
        assert "Traceback" not in outcome.err
        assert not list((tmp_path / "answers").iterdir())

    return assert_refused


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused(predict, assert_refused, profiles, tmp_path, name):
    write, found = BAD_FILES[name]
    path = tmp_path / "profiles.dat"
    write(profiles, path)
    assert_refused(predict(path), found)


@pytest.mark.parametrize("name", ["empty", "NaN", "Excel dates", "below coverage", "zip bomb"])
def test_a_bad_file_is_refused_in_json(predict, profiles, tmp_path, name):
    write, found = BAD_FILES[name]
    write(profiles, tmp_path / "profiles.dat")
    outcome = predict(tmp_path / "profiles.dat", "--json")
    assert (outcome.code, outcome.err) == (2, "")
    error = json.loads(outcome.out)["error"]
    assert set(error) == {"type", "found", "needed", "remedy"}
    assert all(error.values())
    assert found in error["found"]
    assert not list((tmp_path / "answers").iterdir())


@pytest.mark.parametrize(
    ("scale", "change", "found"),
    [
        ("counts", lambda values: -values.round() * 100, "values below zero"),
        ("tpm", lambda values: values, "look like log2 already"),
        ("mas5_linear", lambda values: values, "look like log2 already"),
        ("log2_tpm", lambda values: 2**values, "look linear"),
        ("counts", lambda values: values * 0, "no counts at all"),
    ],
)
def test_values_against_their_scale_are_refused(
    predict, assert_refused, profiles, tmp_path, scale, change, found
):
    change(profiles).to_csv(tmp_path / "profiles.csv", index_label="sample")
    assert_refused(predict(tmp_path / "profiles.csv", scale=scale), found)


@pytest.mark.parametrize(
    ("file", "scale", "platform", "found"),
    [
        ("geo/GSE12059_series_matrix.txt.gz", "rma_log2", None, "is a two-colour series"),
        ("geo/GSE12059_series_matrix.txt.gz", "rma_log2", "GPL570", "is a two-colour series"),
        ("geo/GSE46806_series_matrix.txt", "rma_log2", None, "no platform map was given"),
        ("geo/GSE46806_series_matrix.txt", "rma_log2", "GPL6244", "knows 0.0% of the 22,283 ids"),
        ("geo/GSE15709-GPL570_series_matrix.txt.gz", "rma_log2", "GPL570", "look linear"),
        ("formats/P53_hgu95av2.gct.gz", "mas5_linear", None, "no platform map was given"),
        ("formats/P53_hgu95av2.gct.gz", "mas5_linear", "GPL6244", "The platform map GPL6244"),
        ("formats/GDS507.soft.gz", "mas5_linear", None, "is a GEO SOFT file, not a matrix"),
    ],
)
def test_a_published_file_that_is_no_profile_is_refused(
    predict, assert_refused, shared_data, file, scale, platform, found
):
    probes = shared_data / "geo" / "platforms" / f"{platform}_probe2symbol.tsv"
    options = () if platform is None else ("--platform-map", probes)
    assert_refused(predict(shared_data / file, *options, scale=scale), found)


def test_a_file_larger_than_the_limit_is_refused(predict, assert_refused, profiles, tmp_path):
    profiles.T.to_csv(tmp_path / "profiles.csv", index_label="gene")
    profiles.T.rename_axis("gene").to_parquet(tmp_path / "profiles.parquet")
    for name in ("profiles.csv", "profiles.parquet"):
        assert predict(tmp_path / name, out=tmp_path / f"{name}.answers").code == 0
        assert_refused(predict(tmp_path / name, "--max-bytes", 10_000), "bytes")


@pytest.mark.parametrize("name", ["NA", "nan", "NULL", "TRUE"])
def test_a_gene_called_na_is_a_gene(run, bundle_folder, profiles, tmp_path, name):
    path = tmp_path / "profiles.csv"
    profiles.assign(**{name: 5.0}).T.to_csv(path, index_label="gene")
    command = ("validate", path, "--scale", "rma_log2", "--bundle", bundle_folder, "--json")
    outcome = run(*command)
    assert outcome.code == 0
    assert json.loads(outcome.out)["report"]["n_genes"] == profiles.shape[1] + 1


def test_a_path_that_is_no_file_is_refused(predict, assert_refused, tmp_path):
    assert_refused(predict(tmp_path / "nowhere.csv"), "There is no file")
    assert_refused(predict(tmp_path), "is a folder")


@pytest.mark.parametrize(
    ("options", "found", "remedy"),
    [
        (("--drugs", "Cisplatine"), "no drug called 'Cisplatine'", "did you mean Cisplatin"),
        (("--drugs", ","), "An empty list of drugs", "leave the drugs out"),
        (("--scale", "log_tpm"), "--scale 'log_tpm' is not known", "did you mean log2_tpm"),
        (("--align", "quantiles"), "--align 'quantiles' is not known", "did you mean quantile"),
        (("--orientation", "rows"), "--orientation 'rows' is not known", "name one of these"),
        (("--format", "xls"), "no format 'xls'", "leave the format out"),
        (("--level", "2"), "level", ""),
        (("--bundle", "nobody"), "No version of cupromark is called 'nobody'", ""),
        (("--bundle", "99"), "version=99", "list the registered bundles"),
        (("--platform-map", "/nowhere/map.tsv"), "There is no file", "check the path"),
    ],
)
def test_an_option_that_cannot_be_is_refused(
    predict, assert_refused, profiles, tmp_path, options, found, remedy
):
    profiles.T.to_csv(tmp_path / "profiles.csv", index_label="gene")
    outcome = predict(tmp_path / "profiles.csv", *options)
    assert_refused(outcome, found)
    assert remedy in outcome.err


def test_a_folder_that_cannot_be_written_is_refused(predict, assert_refused, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path, index_label="gene")
    for out in (path / "answers.csv", Path("/proc/answers.csv"), tmp_path / "none" / "a.csv"):
        assert_refused(predict(path, out=out), "cannot be written")
    assert_refused(predict(path, out=tmp_path), "cannot be written")


def test_a_full_disk_leaves_what_was_there(
    predict, assert_refused, profiles, tmp_path, monkeypatch
):
    path, out = tmp_path / "profiles.csv", tmp_path / "kept" / "answers.csv"
    profiles.T.to_csv(path, index_label="gene")
    out.parent.mkdir()
    out.write_text("from before")

    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", refuse)
    assert_refused(predict(path, out=out), "No space left on device")
    assert [p.name for p in out.parent.iterdir()] == ["answers.csv"]
    assert out.read_text() == "from before"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
def test_a_device_is_written_to_and_never_replaced(predict, assert_refused, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path, index_label="gene")
    assert_refused(predict(path, out="/dev/full"), "No space left on device")
    assert predict(path, out="/dev/null").code == 0
    assert Path("/dev/full").is_char_device()
    assert Path("/dev/null").is_char_device()


def test_answers_never_replace_what_is_read(predict, assert_refused, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path, index_label="gene")
    before = path.read_bytes()
    assert_refused(predict(path, out=path), "which is read here")
    assert path.read_bytes() == before


def test_a_damaged_bundle_is_refused(run, bundle_folder, profiles, tmp_path):
    profiles.T.to_csv(tmp_path / "profiles.csv", index_label="gene")
    damaged, out = tmp_path / "bundle", tmp_path / "answers.csv"
    damaged.mkdir()
    for file in bundle_folder.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    content = bytearray((damaged / "linear.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (damaged / "linear.npz").write_bytes(content)
    command = ("predict", tmp_path / "profiles.csv", "--scale", "rma_log2", "--out", out)
    outcome = run(*command, "--bundle", damaged)
    assert outcome.code == 2
    assert "linear.npz" in outcome.err
    assert "Traceback" not in outcome.err
    assert not out.exists()
    (damaged / "manifest.json").unlink()
    assert run(*command, "--bundle", damaged).code == 2


def test_the_script_ends_with_the_same_message(run_script, store, bundle_folder, tmp_path):
    (tmp_path / "empty.csv").touch()
    command = ("predict", tmp_path / "empty.csv", "--scale", "rma_log2", "--store", store)
    plain = run_script(*command, "--bundle", bundle_folder)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert plain.stderr.splitlines() == [
        "Error: empty.csv is empty (0 bytes).",
        "  Needed: a file with an expression matrix.",
        "  What to do: fetch or export it again.",
    ]
    as_json = run_script(*command, "--bundle", bundle_folder, "--json")
    assert (as_json.returncode, as_json.stderr) == (2, "")
    assert json.loads(as_json.stdout)["error"]["type"] == "ReadError"
