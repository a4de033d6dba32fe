import os

import numpy as np
import pandas as pd
import pytest

from features.errors import CoverageError
from models.errors import PredictionError
from models.prediction import predict
from models.profile_files import read_profiles, write_answers

TABLE = pd.DataFrame({"sample_id": ["a", "ü,b"], "probability_sensitive": [0.1, 1 / 3]})


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_profiles_from_a_file_are_answered_as_the_profiles(
    bundle, profiles, make_expression, tmp_path
):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path)
    read = read_profiles(path, bundle, scale="rma_log2")
    assert read.samples == list(profiles.index)
    drugs = list(bundle.drugs)
    one, other = (
        predict(bundle, expression, drugs=drugs).table["probability_sensitive"]
        for expression in (read, make_expression(profiles))
    )
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_alias_is_read_under_the_name_of_training(bundle, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.rename(columns={"DNM1L": "DRP1"}).T.to_csv(path)
    read = read_profiles(path, bundle, scale="rma_log2")
    assert "DNM1L" in read.genes
    np.testing.assert_allclose(read.values["DNM1L"], profiles["DNM1L"], rtol=1e-6)


def test_a_file_without_a_gene_of_the_bundle_is_refused(bundle, tmp_path):
    path = tmp_path / "profiles.csv"
    values = np.random.default_rng(0).normal(7, 1, size=(6, 3))
    genes = ["TP53", "EGFR", "KRAS", "MYC", "BRCA1", "GAPDH"]
    pd.DataFrame(values, index=genes, columns=["s1", "s2", "s3"]).to_csv(path)
    with pytest.raises(CoverageError):
        read_profiles(path, bundle, scale="rma_log2")


def test_answers_come_back_as_they_were_written(tmp_path):
    write_answers(TABLE, tmp_path / "out.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out.csv"), TABLE)
    assert names_in(tmp_path) == ["out.csv"]


def test_an_older_file_is_replaced_whole(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old\n" * 1000)
    write_answers(TABLE, path)
    assert len(pd.read_csv(path)) == 2


@pytest.mark.parametrize("where", ["missing/out.csv", "file/out.csv", "x" * 300 + ".csv", "folder"])
def test_where_nothing_can_be_written_nothing_is_left(tmp_path, where):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(PredictionError, match="cannot be written") as refused:
        write_answers(TABLE, tmp_path / where)
    assert "nothing was left behind" in str(refused.value)
    assert names_in(tmp_path) == ["file", "folder"]
    assert names_in(tmp_path / "folder") == []


def test_a_write_that_fails_keeps_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("old\n")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PredictionError, match="No space left on device"):
        write_answers(TABLE, path)
    assert path.read_text() == "old\n"
    assert names_in(tmp_path) == ["out.csv"]
