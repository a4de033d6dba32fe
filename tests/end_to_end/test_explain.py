"""`cupromark explain` on bundles trained on real data."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from models.attribution import ADDITIVITY_TOLERANCE, Attributor
from models.store import local_store


@pytest.fixture
def question(profiles, store, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.to_csv(path)
    return (path, "--scale", "rma_log2", "--store", store, "--lineage", "Lung")


@pytest.mark.parametrize("by", ["gene", "set", "feature"])
def test_entries_add_up_to_the_answer_of_predict(run, question, by):
    drugs = ("--drugs", "Cisplatin,Docetaxel")
    explained = run("explain", *question, *drugs, "--by", by, "--top", 0, "--json")
    predicted = run("predict", *question, *drugs, "--json")
    assert (explained.code, predicted.code) == (0, 0), explained.err
    content = json.loads(explained.out)
    answers = pd.DataFrame(json.loads(predicted.out)["predictions"])
    entries = pd.DataFrame(content["attributions"]).groupby(["sample_id", "drug"], sort=False)
    base = pd.DataFrame(content["answers"])["base_log_odds"].to_numpy()
    total = base + entries["attribution_log_odds"].sum().to_numpy()
    probability = answers["probability_sensitive"].to_numpy()
    logit = np.log(probability / (1 - probability))
    np.testing.assert_allclose(total, logit, atol=ADDITIVITY_TOLERANCE)
    assert len(content["nearest_training_lines"]) == 12 * 5


def test_every_bundle_can_be_explained(run, store, tmp_path):
    for stored in local_store(store).list():
        reference = local_store(store).load(stored.version).features.reference_
        noise = np.random.default_rng(0).normal(size=(2, len(reference.genes)))
        values = np.clip(reference.location + reference.scale * noise, 0.1, 19)
        path = tmp_path / f"{stored.version}.csv"
        pd.DataFrame(values, index=["a", "b"], columns=list(reference.genes)).to_csv(path)
        asked = (path, "--scale", reference.expression_scale, "--store", store)
        done = run("explain", *asked, "--bundle", stored.version, "--drugs", "Cisplatin")
        assert done.code == 0, done.err
        assert "a, cisplatin: probability_sensitive 0." in done.out.lower()
        assert "nearest training lines:" in done.out


def test_every_linear_drug_agrees_with_shap(store, shap):
    for stored in local_store(store).list():
        bundle = local_store(store).load(stored.version)
        n_features = len(bundle.features.feature_names_)
        rows = np.random.default_rng(1).normal(size=(5, n_features))
        linear = [name for name, model in bundle.drugs.items() if model.linear is not None]
        found = Attributor.of(bundle, drugs=linear).attribute(rows, by="feature")
        masker = shap.maskers.Independent(bundle.background[None, :])
        for place, name in enumerate(linear):
            model = bundle.drugs[name]
            score = (model.linear.coefficients, model.linear.intercept)
            expected = shap.LinearExplainer(score, masker).shap_values(rows)
            ours = found.log_odds[:, place]
            np.testing.assert_allclose(ours, expected * model.calibration.slope, atol=1e-5)


@pytest.fixture
def shap():
    with warnings.catch_warnings():
        # Its plots call what matplotlib will deprecate.
        warnings.simplefilter("ignore")
        import shap
    return shap


def test_a_file_is_written_with_one_row_an_entry(run, question, tmp_path):
    out = tmp_path / "explained.csv"
    done = run("explain", *question, "--drugs", "Cisplatin", "--top", 3, "--out", out)
    assert (done.code, done.out) == (0, "")
    assert "36 rows written" in done.err
    table = pd.read_csv(out)
    assert table["rank"].tolist() == [1, 2, 3] * 12
    assert {"name", "attribution_log_odds", "value_z", "claims_agreeing"} <= set(table.columns)


def test_long_answers_are_cut_on_a_terminal(run, question):
    done = run("explain", *question, "--drugs", "Cisplatin,Docetaxel", "--top", 1)
    assert done.out.count("probability_sensitive") == 20
    assert "4 more answers: write all with --out" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "genes"), "did you mean gene"),
        (("--drugs", "cisplatine"), "did you mean Cisplatin"),
        (("--top", "-1"), "top"),
    ],
)
def test_mistakes_are_explained(run, question, arguments, said):
    done = run("explain", *question, *arguments)
    assert done.code == 2
    assert said in done.err


def test_the_file_that_is_read_is_not_written_over(run, question):
    before = question[0].read_bytes()
    done = run("explain", *question, "--out", question[0])
    assert done.code == 2
    assert question[0].read_bytes() == before
