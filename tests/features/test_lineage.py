import numpy as np
import pandas as pd
import pytest

from features.errors import SampleError
from features.lineage import fit_lineage_coding, lineage_column

TRAINING = pd.Series(["Lung"] * 6 + ["Skin"] * 2 + ["Rare", None, np.nan, pd.NA], dtype=object)


def test_known_answer():
    coding = fit_lineage_coding(TRAINING, minimum=2)
    assert coding.lineages == ("Lung", "Skin")
    assert coding.means.tolist() == [0.75, 0.25]
    encoded = coding.encode(pd.Series(["Skin", "Lung", "Rare", None, pd.NA], dtype=object))
    assert encoded.tolist() == [[-0.75, 0.75], [0.25, -0.25], [0, 0], [0, 0], [0, 0]]


def test_a_row_of_zeros_is_the_training_mean():
    encoded = fit_lineage_coding(TRAINING, minimum=2).encode(TRAINING)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-15)


def test_no_lineage_with_enough_samples_gives_no_column():
    coding = fit_lineage_coding(TRAINING, minimum=50)
    assert coding.encode(TRAINING).shape == (12, 0)
    assert coding.is_unknown(TRAINING).all()


def test_the_column_is_needed_for_training_only():
    expression = pd.DataFrame({"FDX1": [1.0, 2.0]})
    assert lineage_column(expression, required=False).isna().all()
    with pytest.raises(SampleError, match="covariate:lineage"):
        lineage_column(expression, required=True)
