import numpy as np
import pandas as pd
import pytest

from features.errors import CellError, SampleError, ScaleError
from features.symbols import SymbolTable
from models.errors import PredictionError
from models.profile_tables import expression_of, lineage_of


def table(**columns):
    return pd.DataFrame({"FDX1": [6.0, 7.5], "DRP1": [8.0, 9.0], **columns})


def read(values, scale="log2_tpm"):
    return expression_of(values, scale=scale, symbols=SymbolTable.panel())


def test_aliases_become_symbols_and_samples_keep_their_names():
    expression = read(table(sample_id=["a", "b"], lineage=["Lung", None]))
    assert expression.genes == ["FDX1", "DNM1L"]
    assert expression.samples == ["a", "b"]
    assert expression.values.loc["b", "DNM1L"] == 9.0
    assert lineage_of(table(sample_id=["a", "b"], lineage=["Lung", None])) == {"a": "Lung"}
    assert lineage_of(table()) is None


def test_without_sample_ids_the_index_names_the_samples():
    assert read(table()).samples == ["0", "1"]


def test_linear_values_are_taken_to_log2():
    values = pd.DataFrame({"FDX1": [0.0, 3.0], "OPA1": [100.0, 1023.0]})
    expression = read(values, "tpm")
    log2 = expression.values
    np.testing.assert_allclose(log2["FDX1"], [0, 2])
    assert log2["OPA1"].iloc[1] == pytest.approx(10)
    assert values["FDX1"].tolist() == [0.0, 3.0]  # the caller's table is left alone


@pytest.mark.parametrize(
    ("values", "scale", "error"),
    [
        (table(), None, ScaleError),
        (table(), "tpmm", ScaleError),
        (table(OPA1=[np.nan, 1.0]), "log2_tpm", CellError),
        (table(OPA1=[np.inf, 1.0]), "log2_tpm", CellError),
        (table(OPA1=["high", "low"]), "log2_tpm", CellError),
        (table(sample_id=["a", "a"]), "log2_tpm", SampleError),
        (table().iloc[:0], "log2_tpm", PredictionError),
        (pd.DataFrame({"sample_id": ["a"]}), "log2_tpm", PredictionError),
    ],
)
def test_what_cannot_be_used_is_refused(values, scale, error):
    with pytest.raises(error):
        read(values, scale)
