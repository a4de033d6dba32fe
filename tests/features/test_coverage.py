import numpy as np
import pandas as pd
import pytest

from features.coverage import cover, gene_coverage
from features.errors import CellError, CoverageError, GeneIdError
from features.reference import fit_reference

TRAINING = pd.DataFrame(
    {"DLAT": [1.0, 3.0], "FDX1": [2.0, 6.0], "LIAS": [0.0, 1.0], "OPA1": [5.0, 7.0]}
)
REFERENCE = fit_reference(TRAINING, expression_scale="rma_log2", with_quantiles=False)
PROFILE = pd.DataFrame({"LIAS": [9.0], "TP53": [1.0], "DLAT": [8.0]}, index=["p"])


def test_missing_genes_stand_at_the_training_mean_and_are_reported():
    covered, coverage = cover(PROFILE, REFERENCE, ["OPA1", "LIAS", "FDX1", "DLAT"], minimum=0.5)
    assert list(covered) == ["OPA1", "LIAS", "FDX1", "DLAT"]
    assert covered.loc["p"].tolist() == [6.0, 9.0, 4.0, 8.0]
    assert coverage.matched == ("DLAT", "LIAS")
    assert coverage.missing == ("FDX1", "OPA1")
    assert coverage.fraction == 0.5
    assert coverage.replaced == {"FDX1": 4.0, "OPA1": 6.0}


def test_nothing_is_replaced_when_all_is_there():
    covered, coverage = cover(PROFILE, REFERENCE, ["LIAS", "DLAT"], minimum=1.0)
    assert coverage.replaced == {}
    assert coverage.fraction == 1.0
    np.testing.assert_array_equal(covered.to_numpy(), [[9.0, 8.0]])


def test_below_the_minimum_is_refused_with_the_names():
    with pytest.raises(CoverageError, match=r"2 of 4 needed genes \(50%\).*FDX1, OPA1"):
        cover(PROFILE, REFERENCE, REFERENCE.genes, minimum=0.51)


def test_no_gene_at_all_is_refused_whatever_the_minimum():
    with pytest.raises(CoverageError, match="0 of 2"):
        cover(PROFILE, REFERENCE, ["FDX1", "OPA1"], minimum=0.0)


def test_measuring_coverage_refuses_nothing():
    coverage = gene_coverage(PROFILE, ["TP53", "FDX1", "FDX1"])
    assert (coverage.matched, coverage.missing, coverage.fraction) == (("TP53",), ("FDX1",), 0.5)
    assert coverage.replaced == {}


def test_a_value_that_is_not_finite_is_refused_and_never_replaced():
    with pytest.raises(CellError, match="gene LIAS of sample p"):
        cover(PROFILE.replace(9.0, np.nan), REFERENCE, ["LIAS", "DLAT"], minimum=0.0)


def test_genes_that_the_reference_lacks_cannot_be_covered():
    with pytest.raises(GeneIdError, match="TP53"):
        cover(PROFILE, REFERENCE, ["LIAS", "TP53"], minimum=0.0)
