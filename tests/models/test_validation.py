import json

import pytest

from features.errors import CupromarkError, ScaleError
from models.prediction import predict
from models.profile_files import read_profiles
from models.validation import validate_file


@pytest.fixture
def write(tmp_path):
    def write_profiles(profiles):
        path = tmp_path / "profiles.csv"
        profiles.T.to_csv(path)
        return path

    return write_profiles


def test_a_whole_file_is_accepted(bundle, profiles, write):
    found = validate_file(write(profiles), scale="rma_log2", panel=bundle)
    assert found.accepted
    assert (found.gene_coverage, found.missing_genes) == (1.0, ())
    assert found.n_panel_genes == len(bundle.features.gene_panel_)
    assert found.report.n_samples == 7
    assert found.source == "profiles.csv"
    assert bundle.name in found.bundle


@pytest.mark.parametrize(("n_missing", "accepted"), [(2, True), (3, False)])
def test_the_minimum_of_the_bundle_decides(bundle, profiles, write, n_missing, accepted):
    # The bundle has 11 panel genes and needs 80%: 9 of them.
    missing = bundle.features.gene_panel_[:n_missing]
    path = write(profiles.drop(columns=list(missing)))
    found = validate_file(path, scale="rma_log2", panel=bundle)
    assert found.accepted is accepted
    assert found.missing_genes == missing
    assert f"{11 - n_missing} of 11 panel genes are there" in found.reason
    assert "at least 80%" in found.reason
    assert is_answered(path, bundle) is accepted


def test_markers_of_proliferation_are_not_of_the_panel(bundle, profiles, write):
    # Prediction puts the training mean in their place, and so they cannot refuse a file.
    markers = bundle.features.proliferation_genes_
    assert markers
    path = write(profiles.drop(columns=list(markers)))
    found = validate_file(path, scale="rma_log2", panel=bundle)
    assert found.accepted
    assert found.gene_coverage == 1.0
    assert is_answered(path, bundle)


def is_answered(path, bundle):
    try:
        predict(bundle, read_profiles(path, bundle, scale="rma_log2"), drugs=list(bundle.drugs))
    except CupromarkError:
        return False
    return True


def test_a_list_of_genes_can_be_the_panel(profiles, write):
    path = write(profiles)
    panel = ("FDX1", "MFN1", "GAPDH")
    strict, lax = (
        validate_file(path, scale="rma_log2", panel=panel, minimum_gene_coverage=minimum)
        for minimum in (0.8, 0.6)
    )
    assert (strict.accepted, lax.accepted) == (False, True)
    assert strict.missing_genes == ("GAPDH",)
    assert strict.bundle is None


def test_a_file_that_contradicts_its_scale_is_an_error(bundle, profiles, write):
    with pytest.raises(ScaleError):
        validate_file(write(profiles * 100), scale="rma_log2", panel=bundle)


def test_the_answer_is_json(bundle, profiles, write):
    found = validate_file(write(profiles), scale="rma_log2", panel=bundle)
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert answer["accepted"] is True
    assert answer["report"]["format"] == "csv"
