import sys
from dataclasses import replace

import pytest

from models.bundle_files import load_bundle, write_bundle
from models.calibration import SigmoidCalibration
from models.errors import BundleDamagedError, BundleError
from models.golden import check_golden, check_golden_in_child, main


@pytest.fixture(scope="module")
def folder(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden") / "bundle"
    write_bundle(bundle, folder)
    return folder


def spoiled(bundle):
    """The same bundle with another calibration of one drug, and the old golden answers."""
    drug = bundle.drugs["Elesclomol"]
    calibration = SigmoidCalibration(drug.calibration.slope, drug.calibration.intercept + 1e-4)
    return replace(
        bundle, drugs={**bundle.drugs, "Elesclomol": replace(drug, calibration=calibration)}
    )


def test_a_loaded_bundle_reproduces_its_answers(folder):
    check_golden(load_bundle(folder))
    assert main([str(folder)]) == 0


def test_every_drug_and_both_alignments_are_checked(bundle):
    assert set(bundle.golden.drugs) == set(bundle.drugs)
    assert set(bundle.golden.probability) == {"none", "quantile"}


def test_another_answer_is_found_and_the_drug_named(bundle):
    with pytest.raises(BundleDamagedError, match="Elesclomol differs"):
        check_golden(spoiled(bundle))


def test_another_place_among_the_training_lines_is_found(bundle):
    domain = replace(bundle.domain, remoteness=bundle.domain.remoteness * 0.5)
    with pytest.raises(BundleDamagedError, match="domain percentile differs"):
        check_golden(replace(bundle, domain=domain))


def test_a_bundle_without_golden_answers_is_not_vouched_for(bundle):
    with pytest.raises(BundleError, match="no golden answers"):
        check_golden(replace(bundle, golden=None))


def test_the_child_agrees(folder):
    check_golden_in_child(folder)


def test_the_child_refuses(bundle, tmp_path):
    write_bundle(spoiled(bundle), tmp_path / "bundle")
    with pytest.raises(BundleDamagedError, match="Elesclomol differs"):
        check_golden_in_child(tmp_path / "bundle")


def test_a_crash_of_the_child_stays_there(folder, tmp_path, monkeypatch):
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crashing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crashing))
    with pytest.raises(BundleDamagedError, match="crashed the process"):
        check_golden_in_child(folder)


def test_a_child_that_hangs_is_given_up(folder, tmp_path, monkeypatch):
    hanging = tmp_path / "python"
    hanging.write_text("#!/bin/sh\nexec sleep 30\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hanging))
    with pytest.raises(BundleDamagedError, match="did not answer"):
        check_golden_in_child(folder, seconds=0.2)
