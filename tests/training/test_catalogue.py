from __future__ import annotations

import pytest

from training.catalogue import geo_series_file, load_catalogue, parse_catalogue, platform_file
from training.errors import CatalogueError


def test_every_cohort_of_the_issue_is_there_with_its_files() -> None:
    catalogue = load_catalogue()
    assert set(catalogue.cohorts) == {
        "gdsc",
        "ccle-gdsc2",
        "depmap-gdsc2",
        "depmap-sanger-auc",
        "tcga",
    }
    assert set(catalogue.files_of("gdsc")) == {"expression", "response"}
    assert set(catalogue.files_of("gdsc", optional=True)) == {"expression", "response", "models"}


def test_every_file_says_whose_it_is_and_where_to_get_it() -> None:
    for file in load_catalogue().files.values():
        assert file.licence, file.key
        assert file.citation, file.key
        assert file.address or file.page, file.key
        assert file.cached_as in file.mirror_paths, file.key
        assert file.maximum_bytes > 0, file.key
        assert file.address is None or file.address.startswith("https://"), file.key
        assert file.sha256 is None or len(file.sha256) == 64, file.key


def test_every_alias_of_a_drug_has_a_reason() -> None:
    assert all(alias.reason for alias in load_catalogue().drug_aliases)


def test_an_unknown_cohort_lists_the_known_ones() -> None:
    with pytest.raises(CatalogueError, match="ccle-gdsc2"):
        load_catalogue().cohort("ccle")


@pytest.mark.parametrize(
    ("accession", "address"),
    [
        ("GSE15709", "GSE15nnn/GSE15709/matrix/GSE15709_series_matrix.txt.gz"),
        ("GSE42", "GSEnnn/GSE42/matrix/GSE42_series_matrix.txt.gz"),
        (
            "GSE14520-GPL571",
            "GSE14nnn/GSE14520/matrix/GSE14520-GPL571_series_matrix.txt.gz",
        ),
    ],
)
def test_the_address_of_a_geo_series_follows_from_its_accession(
    accession: str, address: str
) -> None:
    file = geo_series_file(accession)
    assert file.address == f"https://ftp.ncbi.nlm.nih.gov/geo/series/{address}"
    assert file.hosts == {"ftp.ncbi.nlm.nih.gov"}


@pytest.mark.parametrize("accession", ["15709", "GSE", "GSE1/../x", "GDS507"])
def test_what_is_no_accession_is_refused(accession: str) -> None:
    with pytest.raises(CatalogueError, match="accession of a GEO series"):
        geo_series_file(accession)


def test_platforms_beyond_the_catalogue_take_the_annotation_of_geo() -> None:
    catalogue = load_catalogue()
    assert platform_file("GPL570", catalogue).key == "platform_GPL570"
    address = platform_file("GPL10558", catalogue).address
    assert address is not None
    assert address.endswith("/GPL10nnn/GPL10558/annot/GPL10558.annot.gz")
    with pytest.raises(CatalogueError, match="GEO platform"):
        platform_file("570", catalogue)


def test_a_broken_entry_is_named() -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        parse_catalogue({"files": [{"key": "x"}], "cohorts": [], "drug_aliases": []})
