"""Loading of cohorts: small ones from files made here, and the real ones where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.symbols import SymbolTable
from training.cohort import Cohort, TableCohort, load_cohort
from training.errors import CatalogueError, DownloadError
from training.files import FileSettings, FileSource

SYMBOLS = SymbolTable.panel()


@pytest.fixture
def files(shared_data: Path, tmp_path: Path) -> FileSource:
    return FileSource(FileSettings(str(shared_data), tmp_path))


@pytest.fixture
def no_files(tmp_path: Path) -> FileSource:
    return FileSource(FileSettings(None, tmp_path / "cache"))


def check(cohort: Cohort) -> None:
    """Hold what is true of every cohort."""
    samples = cohort.expression.samples
    assert len(set(samples)) == len(samples) == cohort.joining.n_joined
    assert cohort.lineage.index.tolist() == samples
    assert cohort.split_group.index.tolist() == samples
    assert cohort.split_group.notna().all()
    assert not cohort.simulated
    if cohort.response is not None:
        assert cohort.response.values.index.tolist() == samples
        assert cohort.response.values.columns.tolist() == cohort.response.drugs.index.tolist()
        assert (
            cohort.response.values.columns.tolist() == cohort.response.tested_range.index.tolist()
        )
        joining = cohort.joining
        lost = joining.n_expression + joining.n_response - 2 * joining.n_joined
        assert len(joining.dropped) == lost


def test_ccle_with_gdsc2_is_the_slice_of_the_reference_figures(files: FileSource) -> None:
    cohort = load_cohort("ccle-gdsc2", files=files, symbols=SYMBOLS)
    check(cohort)
    assert cohort.response is not None
    assert len(cohort.expression.samples) == 234
    assert len(cohort.response.drugs_with(100)) == 271
    assert cohort.response.values.shape == (234, 286)
    assert cohort.lineage.notna().all()
    origins = {source.name: (source.origin, source.complete) for source in cohort.sources}
    assert origins["ccle_expression"] == ("mirror", False)
    assert origins["gdsc2_response"] == ("mirror", True)


def test_a_known_value_arrives_at_its_line(files: FileSource) -> None:
    cohort = load_cohort("depmap-gdsc2", files=files, symbols=SYMBOLS)
    check(cohort)
    assert cohort.response is not None
    assert cohort.response.kind == "ln_ic50"
    assert len(cohort.expression.samples) == 478
    # HL-60 under camptothecin, as the files of GDSC and DepMap name them.
    assert cohort.response.values.loc["ACH-000002", "Camptothecin"] == pytest.approx(-4.472606)
    assert cohort.lineage["ACH-000002"] == "Myeloid"
    assert cohort.split_group["ACH-000002"] == "PT-5qa3uk"
    low = cohort.response.tested_range.loc["Camptothecin", "minimum_ln_um"]
    assert low == pytest.approx(np.log(0.0001))


def test_gdsc_joins_by_cosmic_id(files: FileSource) -> None:
    cohort = load_cohort("gdsc", files=files, symbols=SYMBOLS)
    check(cohort)
    assert cohort.joining.method == "COSMIC id"
    assert cohort.joining.n_joined == 161
    assert cohort.split_group.str.startswith("PT-").all()


def test_drug_names_of_the_sanger_table_are_checked(files: FileSource) -> None:
    cohort = load_cohort("depmap-sanger-auc", files=files, symbols=SYMBOLS)
    check(cohort)
    assert cohort.response is not None
    assert cohort.response.kind == "dose_response_auc"
    # The copy at hand has a header that does not belong to its columns.
    assert any("DO NOT BELONG" in step for step in cohort.joining.steps)
    reference = load_cohort("depmap-gdsc2", files=files, symbols=SYMBOLS)
    assert reference.response is not None
    both = cohort.response.values.index.intersection(reference.response.values.index)
    for drug in ("Cisplatin", "Cytarabine", "Topotecan"):
        auc = cohort.response.values.loc[both, drug]
        ln_ic50 = reference.response.values.loc[both, drug]
        assert auc.corr(ln_ic50, method="spearman") > 0.7


def test_patients_of_tcga(files: FileSource) -> None:
    cohort = load_cohort("tcga", files=files, symbols=SYMBOLS)
    check(cohort)
    assert cohort.response is not None
    assert cohort.response.kind == "clinical_response"
    assert set(np.unique(cohort.response.values.stack())) == {0.0, 1.0}
    assert cohort.split_group.is_unique
    assert "LUAD" in set(cohort.lineage)


def test_a_series_of_geo_has_no_response(files: FileSource) -> None:
    cohort = load_cohort("geo:GSE15709", files=files, symbols=SYMBOLS, scale="mas5_linear")
    check(cohort)
    assert cohort.response is None
    assert len(cohort.expression.samples) == 10
    assert [source.name for source in cohort.sources] == ["geo_GSE15709", "platform_GPL570"]


def test_a_series_of_geo_needs_its_scale(no_files: FileSource) -> None:
    with pytest.raises(CatalogueError, match="without the scale"):
        load_cohort("geo:GSE15709", files=no_files, symbols=SYMBOLS)


def write_table(folder: Path) -> TableCohort:
    expression, response = folder / "expression.csv", folder / "labels.csv"
    expression.write_text("sample_id,FDX1,DRP1,LIAS\nS1,5.5,6,7\nS2,6.5,7,8\nS3,7.5,8,9\n")
    response.write_text("sample_id,drug,label\nS1,Cisplatin,sensitive\nS3,Cisplatin,resistant\n")
    return TableCohort(expression, response, "rma_log2", "csv")


def test_a_users_own_table(tmp_path: Path, no_files: FileSource) -> None:
    table = write_table(tmp_path)
    cohort = load_cohort("table", files=no_files, table=table, symbols=SYMBOLS)
    check(cohort)
    assert cohort.response is not None
    assert cohort.expression.samples == ["S1", "S3"]
    assert set(cohort.expression.genes) == {"FDX1", "DNM1L", "LIAS"}
    assert cohort.response.values["Cisplatin"].tolist() == [0.0, 1.0]
    assert {source.origin for source in cohort.sources} == {"user"}
    assert cohort.joining.dropped["id"].tolist() == ["S2"]


def test_a_table_without_files_and_a_file_that_is_not_there(
    tmp_path: Path, no_files: FileSource
) -> None:
    with pytest.raises(CatalogueError, match="without files"):
        load_cohort("table", files=no_files, symbols=SYMBOLS)
    table = write_table(tmp_path)
    table.response.unlink()
    with pytest.raises(DownloadError, match=r"labels\.csv"):
        load_cohort("table", files=no_files, table=table, symbols=SYMBOLS)


def test_an_unknown_cohort(no_files: FileSource) -> None:
    with pytest.raises(CatalogueError, match="ccle-gdsc2"):
        load_cohort("nci60", files=no_files, symbols=SYMBOLS)
