import numpy as np
import pandas as pd
import pytest

from features.errors import CellError, CoverageError, GeneIdError
from features.gene_values import gene_values, named


@pytest.fixture
def expression():
    return pd.DataFrame(
        {"FDX1": [1.0, 2.0], "covariate:lineage": ["Lung", None], "LIAS": [3.0, 4.0]},
        index=["a", "b"],
    )


def test_columns_come_by_name_in_the_order_asked_for(expression):
    assert gene_values(expression, ["LIAS", "FDX1"]).tolist() == [[3.0, 1.0], [4.0, 2.0]]


def test_missing_genes_are_named(expression):
    with pytest.raises(CoverageError, match="2 of 3 genes are missing: DLAT, DNM1L") as raised:
        gene_values(expression, ["DLAT", "FDX1", "DNM1L"])
    assert "cover" in raised.value.remedy


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_with_their_place(expression, value):
    expression.loc["b", "LIAS"] = value
    with pytest.raises(CellError, match="gene LIAS of sample b"):
        gene_values(expression, ["FDX1", "LIAS"])


def test_text_is_refused(expression):
    with pytest.raises(CellError, match="other than numbers"):
        gene_values(expression, ["covariate:lineage"])


def test_a_gene_given_twice_is_refused():
    twice = pd.DataFrame([[1.0, 2.0]], columns=["FDX1", "FDX1"])
    with pytest.raises(GeneIdError, match="FDX1"):
        gene_values(twice, ["FDX1"])


def test_long_lists_are_cut_and_counted():
    assert named([f"G{i}" for i in range(12)]).endswith("G9 and 2 more")
