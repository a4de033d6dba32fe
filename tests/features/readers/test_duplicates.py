import numpy as np
import pytest

from features.errors import GeneIdError, SampleError
from features.readers.duplicates import GeneColumns, check_sample_names, gather_genes

VALUES = np.array([[1, 2, 3, 5, 10], [2, 4, 6, 8, 11]], np.float32)
GENES = ["FDX1", "LIAS", None, "FDX1", "FDX1"]


def test_every_gene_has_one_column_where_it_stood_first():
    columns = GeneColumns.of(GENES)
    assert columns.genes == ("FDX1", "LIAS")
    assert columns.duplicated == {"FDX1": 3}
    gathered = columns.gather(VALUES, rule="max")
    assert gathered.tolist() == [[10, 2], [11, 4]]
    assert gathered.dtype == np.float32


def test_the_order_of_columns_changes_no_bit_of_a_mean():
    random = np.random.default_rng(0)
    values = random.normal(size=(4, 9)).astype(np.float32)
    turned = random.permutation(9)
    columns = GeneColumns.of(["FDX1"] * 9)
    np.testing.assert_array_equal(
        columns.gather(values, rule="mean"), columns.gather(values[:, turned], rule="mean")
    )


def test_a_matrix_of_single_genes_is_itself():
    columns = GeneColumns.of(["A", "B", "C", "D", "E"])
    assert columns.gather(VALUES, rule="mean") is VALUES
    assert columns.duplicated == {}


def test_duplicates_can_be_an_error():
    with pytest.raises(GeneIdError, match=r"FDX1 \(3\)"):
        gather_genes(VALUES, GENES, rule="error", file_name="it")
    values, genes, _ = gather_genes(
        VALUES, ["A", None, "B", "C", "D"], rule="error", file_name="it"
    )
    assert genes == ("A", "B", "C", "D")
    assert values.tolist() == VALUES[:, [0, 2, 3, 4]].tolist()


def test_samples_need_a_name_each():
    check_sample_names(["a", "b"], "it")
    with pytest.raises(SampleError, match="more than once: a"):
        check_sample_names(["a", "b", "a"], "it")
    with pytest.raises(SampleError, match="number 2"):
        check_sample_names(["a", " "], "it")
