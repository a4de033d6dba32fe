"""Published files, unchanged, go through `cupromark predict`."""

import json

import pandas as pd
import pytest

FIRST_COLUMNS = [
    "sample_id",
    "drug",
    "probability_sensitive",
    "label",
    "status",
    "gene_coverage",
    "bundle_version",
]


@pytest.fixture
def predict(run, store, shared_data, tmp_path):
    """Predict for a file of the shared data; returns the answers and what was said."""

    def predict(file, scale, *options, platform=None):
        if platform is not None:
            probes = shared_data / "geo" / "platforms" / f"{platform}_probe2symbol.tsv"
            options = (*options, "--platform-map", probes)
        out = tmp_path / "answers.csv"
        command = ("predict", shared_data / file, "--scale", scale, *options)
        outcome = run(*command, "--store", store, "--out", out)
        assert (outcome.code, outcome.out) == (0, ""), outcome.err
        assert list(tmp_path.iterdir()) == [out]
        return pd.read_csv(out, dtype={"bundle_version": str}), outcome.err

    return predict


@pytest.mark.parametrize(
    ("file", "scale", "platform", "n_samples", "alignment"),
    [
        ("ccle/CCLE_Expression_Entrez_2012-09-29.gct", "rma_log2", None, 421, "none"),
        ("geo/GSE15709-GPL570_series_matrix.txt.gz", "mas5_linear", "GPL570", 10, "quantile"),
        ("geo/GSE27473_series_matrix.txt.gz", "rma_log2", "GPL570", 6, "none"),
        ("geo/GSE42872_series_matrix.txt.gz", "rma_log2", "GPL6244", 6, "none"),
        ("geo/GSE14520-GPL571_series_matrix.txt.gz", "rma_log2", "GPL571", 43, "none"),
        ("geo/GSE46806_series_matrix.txt", "rma_log2", "GPL96", 6, "none"),
    ],
)
def test_the_arrays_are_answered_by_the_champion(
    predict, file, scale, platform, n_samples, alignment
):
    table, _ = predict(file, scale, platform=platform)
    assert list(table.columns[:7]) == FIRST_COLUMNS
    assert len(table) == 2 * n_samples
    assert table["drug"].tolist() == ["Cisplatin", "Docetaxel"] * n_samples
    assert table["probability_sensitive"].between(0, 1).all()
    assert set(table["label"]) <= {"sensitive", "resistant", "no call"}
    assert table["gene_coverage"].between(0.8, 1).all()
    assert set(table["bundle_version"]) == {"1"}
    assert set(table["alignment"]) == {alignment}
    assert set(table["cohort"]) == {"ccle-gdsc2"}
    assert not table["simulated"].any()


@pytest.mark.parametrize(
    ("file", "scale", "version", "n_samples"),
    [
        ("depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv", "log2_tpm", "2", 580),
        ("tcga/EBpp_AdjustPANCAN_cuproptosis_genes.tsv", "log2_fpkm", "3", 10_332),
    ],
)
def test_rna_seq_is_answered_by_the_bundle_of_its_cohort(predict, file, scale, version, n_samples):
    table, _ = predict(file, scale, "--bundle", version, "--drugs", "cisplatin")
    assert list(table.columns[:7]) == FIRST_COLUMNS
    assert len(table) == n_samples
    assert set(table["bundle_version"]) == {version}
    assert table["probability_sensitive"].between(0, 1).all()


def test_a_series_of_several_platforms_is_read_by_the_one_its_map_fits(predict):
    _, said = predict("geo/GSE46806_series_matrix.txt", "rma_log2", platform="GPL96")
    assert "names the platforms GPL96, GPL1355, GPL10352" in said
    assert "the samples of this file are GPL96" in said
    assert "of 127 genes of the panel were missing" in said


def test_no_approved_symbol_is_taken_for_the_alias_of_another_gene(predict):
    # PSAP is an alias of MTCH1 and ORC1 one of SLC25A15; both are genes of their own.
    _, said = predict("geo/GSE42872_series_matrix.txt.gz", "rma_log2", platform="GPL6244")
    for stolen in ("PSAP -> ", "ORC1 -> ", "SFN -> "):
        assert stolen not in said


def test_the_champion_names_the_version_that_would_answer(run, store, shared_data, tmp_path):
    file = shared_data / "depmap" / "OmicsExpressionProteinCodingGenesTPMLogp1.csv"
    command = ("predict", file, "--scale", "log2_tpm", "--store", store)
    refused = run(*command, "--out", tmp_path / "answers.csv")
    assert refused.code == 2
    assert "The profile holds 5 of 127 needed genes (4%)" in refused.err
    assert "version 2 (trained on depmap-gdsc2), which would answer" in refused.err
    assert "--bundle 2" in refused.err
    assert not list(tmp_path.iterdir())
    assert run(*command, "--bundle", 2, "--drugs", "Cisplatin").code == 0


def test_json_holds_what_the_csv_holds(run, store, shared_data, tmp_path):
    file = shared_data / "geo" / "GSE27473_series_matrix.txt.gz"
    probes = shared_data / "geo" / "platforms" / "GPL570_probe2symbol.tsv"
    command = ("predict", file, "--scale", "rma_log2", "--platform-map", probes, "--store", store)
    rows = json.loads(run(*command, "--json").out)["predictions"]
    (tmp_path / "answers.csv").write_text(run(*command).out)
    written = pd.read_csv(tmp_path / "answers.csv", dtype={"bundle_version": str})
    pd.testing.assert_frame_equal(pd.DataFrame(rows), written, check_dtype=False, rtol=1e-12)


def test_a_lineage_is_used_and_an_unknown_one_is_said(predict):
    known, _ = predict(
        "geo/GSE15709-GPL570_series_matrix.txt.gz",
        "mas5_linear",
        "--lineage",
        "Ovary/Fallopian Tube",
        platform="GPL570",
    )
    assert set(known["lineage_used"]) == {"Ovary/Fallopian Tube"}
    unknown, said = predict(
        "geo/GSE15709-GPL570_series_matrix.txt.gz",
        "mas5_linear",
        "--lineage",
        "Nowhere",
        platform="GPL570",
    )
    assert set(unknown["lineage_used"]) == {"unknown: training mean"}
    assert "training mean" in said
    assert (known["probability_sensitive"] != unknown["probability_sensitive"]).all()
