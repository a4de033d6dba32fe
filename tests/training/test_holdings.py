from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import CatalogueError
from training.files import FileSettings, FileSource
from training.holdings import fetch_cohort, list_cohorts


def states_of(files):
    return {
        cohort.name: {file.role: file.state for file in cohort.files}
        for cohort in list_cohorts(files)
    }


def test_every_cohort_is_listed_with_what_a_user_must_know(tmp_path):
    cohorts = list_cohorts(FileSource(FileSettings(None, tmp_path)))
    assert {"gdsc", "ccle-gdsc2", "depmap-gdsc2", "depmap-sanger-auc", "tcga"} <= {
        cohort.name for cohort in cohorts
    }
    for cohort in cohorts:
        assert cohort.title
        assert cohort.join
        for file in cohort.files:
            assert file.licence
            assert file.citation
            assert file.state in {"not here", "no address"}
            assert (file.address is None) == (file.state == "no address")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cohort", "role", "state"),
    [("gdsc", "response", "not here"), ("tcga", "response", "no address")],
)
def test_a_file_in_the_cache_is_seen(tmp_path, cohort, role, state):
    files = FileSource(FileSettings(None, tmp_path))
    assert states_of(files)[cohort][role] == state
    path = files.cached_path(files.catalogue.files_of(cohort)[role])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"put here by hand")
    assert states_of(files)[cohort][role] == "cache"


def test_the_mirror_says_which_files_are_parts(shared_data, tmp_path):
    states = states_of(FileSource(FileSettings(str(shared_data), tmp_path)))
    assert states["ccle-gdsc2"]["expression"] == "mirror, part"
    assert states["ccle-gdsc2"]["response"] == "mirror"


def test_fetching_a_cohort_brings_its_files_and_the_names_of_genes(shared_data, tmp_path):
    sources = fetch_cohort(FileSource(FileSettings(str(shared_data), tmp_path)), "ccle-gdsc2")
    assert [source.origin for source in sources] == ["mirror"] * len(sources)
    assert len({source.name for source in sources}) == len(sources) >= 3
    assert sources[-1].name == "hgnc"


def test_an_unknown_cohort_cannot_be_fetched(tmp_path):
    with pytest.raises(CatalogueError, match="nothing-of-the-kind"):
        fetch_cohort(FileSource(FileSettings(None, tmp_path)), "nothing-of-the-kind")


def test_a_geo_series_is_fetched_with_the_map_of_its_platform(
    shared_data: Path, tmp_path: Path
) -> None:
    files = FileSource(FileSettings(mirror=str(shared_data), cache=tmp_path))
    names = [one.path.name for one in fetch_cohort(files, "geo:GSE15709")]
    assert names == [
        "GSE15709-GPL570_series_matrix.txt.gz",
        "GPL570_probe2symbol.tsv",
        "hgnc_complete_set.txt.gz",
    ]
