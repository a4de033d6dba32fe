import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import CoverageError
from features.transformer import GeneSetFeatures
from models.bundle_files import load_bundle, write_bundle
from models.errors import ModelsError, PredictionError
from models.golden import check_golden, with_golden
from models.linear import LinearScore
from models.prediction import UNKNOWN_LINEAGE, predict

FIRST_COLUMNS = [
    "sample_id",
    "drug",
    "probability_sensitive",
    "label",
    "status",
    "gene_coverage",
    "bundle_version",
]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def answer(bundle, make_expression, profiles):
    def answer(values=profiles, *, scale="rma_log2", **options):
        options.setdefault("drugs", list(bundle.drugs))
        return predict(bundle, make_expression(values, scale), **options)

    return answer


def probabilities(predictions):
    table = predictions.table
    return table.set_index(["sample_id", "drug"])["probability_sensitive"].sort_index()


def test_one_row_a_sample_and_drug(answer, bundle, profiles):
    table = answer().table
    assert list(table.columns[:7]) == FIRST_COLUMNS
    assert len(table) == len(profiles) * len(bundle.drugs)
    assert table["sample_id"].tolist()[: len(bundle.drugs)] == ["line_0"] * len(bundle.drugs)
    assert table["probability_sensitive"].between(0, 1).all()
    assert set(table["label"]) <= {"sensitive", "resistant", "no call"}
    assert (table["simulated"]).all()
    assert set(table["cohort"]) == {"made-up"}


def test_equals_each_drug_by_itself(answer, bundle, profiles):
    lineage = pd.Series(["Lung"] * len(profiles), index=profiles.index)
    features = bundle.features.transform(profiles.assign(**{"covariate:lineage": lineage}))
    found = probabilities(answer(lineage="Lung"))
    for name, model in bundle.drugs.items():
        np.testing.assert_allclose(
            found.xs(name, level="drug").loc[profiles.index],
            model.probability(features),
            rtol=0,
            atol=1e-12,
        )


@pytest.mark.parametrize("align", ["none", "quantile", "rank"])
def test_a_batch_equals_its_samples(answer, profiles, align):
    whole = probabilities(answer(align=align))
    single = pd.concat(
        [probabilities(answer(profiles.loc[[s]], align=align)) for s in profiles.index]
    )
    pd.testing.assert_series_equal(single.sort_index(), whole, rtol=0, atol=1e-12)


def test_the_order_of_genes_and_samples_changes_nothing(answer, profiles):
    shuffled = profiles.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    pd.testing.assert_series_equal(
        probabilities(answer(shuffled)), probabilities(answer()), rtol=0, atol=1e-12
    )


def test_an_alias_equals_its_symbol(answer, profiles):
    renamed = profiles.rename(columns={"DNM1L": "DRP1", "SLC31A1": "CTR1"})
    predictions = answer(renamed)
    assert predictions.coverage.fraction == 1
    pd.testing.assert_series_equal(
        probabilities(predictions), probabilities(answer()), rtol=0, atol=1e-12
    )


def test_withheld_drugs_are_left_out_and_counted(answer):
    predictions = answer(drugs=None)
    assert set(predictions.table["drug"]) == {"Cisplatin", "Elesclomol"}
    assert any(note.startswith("2 withheld drugs were left out") for note in predictions.notes)


def test_a_withheld_drug_is_answered_by_name(answer):
    table = answer(drugs=["5-Fluorouracil"]).table
    assert set(table["status"]) == {"withheld"}


def test_all_withheld_says_to_ask_by_name(make_bundle, make_expression, profiles):
    withheld = make_bundle(statuses=["withheld"] * 4)
    with pytest.raises(PredictionError, match="ask for a withheld drug by name"):
        predict(withheld, make_expression(profiles))


def test_an_unknown_drug_gets_close_names(answer):
    with pytest.raises(PredictionError, match="did you mean Cisplatin"):
        answer(drugs=["cisplatine"])
    with pytest.raises(PredictionError, match="list the drugs"):
        answer(drugs=["zzz"])
    with pytest.raises(PredictionError, match="empty list"):
        answer(drugs=[])


def test_names_are_found_in_any_case_and_once(answer):
    table = answer(drugs=["elesclomol", "CISPLATIN", "Cisplatin"]).table
    assert table["drug"].unique().tolist() == ["Elesclomol", "Cisplatin"]
    assert len(table) == 2 * table["sample_id"].nunique()


def test_missing_genes_stand_at_the_training_mean_and_are_said(answer, bundle, profiles):
    reference = bundle.features.reference_
    means = dict(zip(reference.genes, reference.location, strict=True))
    predictions = answer(profiles.drop(columns="OPA1"))
    expected = answer(profiles.astype(float).assign(OPA1=means["OPA1"]))
    pd.testing.assert_series_equal(
        probabilities(predictions), probabilities(expected), rtol=0, atol=1e-12
    )
    table = predictions.table
    assert table["gene_coverage"].iloc[0] == pytest.approx(10 / 11)
    assert table["n_genes_missing"].iloc[0] == 1
    assert any("OPA1" in note and "training mean" in note for note in predictions.notes)


def test_too_few_genes_are_refused_by_name(answer, profiles):
    with pytest.raises(CoverageError, match="ATP7A, ATP7B, DNM1L"):
        answer(profiles.drop(columns=["ATP7A", "ATP7B", "DNM1L"]))


def test_lineage_is_used_or_said_to_be_unknown(answer):
    predictions = answer(lineage={"line_0": "Lung", "line_1": "Moon"})
    used = predictions.table.groupby("sample_id")["lineage_used"].first()
    assert used["line_0"] == "Lung"
    assert set(used.drop("line_0")) == {UNKNOWN_LINEAGE}
    assert any("line_1" in note and "6 of 7" in note for note in predictions.notes)
    assert not any("lineage" in note for note in answer(lineage="Ovary").notes)


def test_lineage_changes_answers(answer):
    lung, ovary = (probabilities(answer(lineage=name)) for name in ("Lung", "Ovary"))
    assert not np.allclose(lung, ovary)


def test_alignment_is_chosen_by_scale_and_said(answer):
    assert answer().alignment == "none"
    predictions = answer(scale="log2_tpm")
    assert predictions.alignment == "quantile"
    assert set(predictions.table["alignment"]) == {"quantile"}
    assert "log2_tpm" in predictions.notes[0]
    assert "as asked" in answer(align="rank").notes[0]


def test_alignment_forgives_another_unit(answer, profiles):
    stretched = (profiles * 0.5 + 3).astype(np.float32)
    pd.testing.assert_series_equal(
        probabilities(answer(stretched, align="quantile")),
        probabilities(answer(profiles, align="quantile")),
        rtol=0,
        atol=0.02,  # float32 ties
    )


def test_the_level_widens_sets(answer):
    narrow, wide = (answer(level=level).table["conformal_set"] for level in (0.5, 0.99))
    assert (wide == "both").sum() > (narrow == "both").sum()
    assert (answer(level=0.99).table["label"][wide == "both"] == "no call").all()


def test_a_level_outside_0_to_1_and_an_empty_table_are_refused(answer, profiles):
    with pytest.raises(ModelsError, match="level"):
        answer(level=80)
    with pytest.raises(PredictionError, match="no samples"):
        answer(profiles.iloc[:0])


def test_the_version_is_said(bundle, tmp_path, make_expression, profiles):
    sha256 = write_bundle(bundle, tmp_path / "bundle")
    for version, shown in (("12", "12"), (None, f"sha256:{sha256[:12]}")):
        loaded = load_bundle(tmp_path / "bundle", version=version)
        table = predict(loaded, make_expression(profiles)).table
        assert set(table["bundle_version"]) == {shown}
        assert set(table["bundle_sha256"]) == {sha256[:12]}


def test_answers_without_the_heavy_libraries(bundle, tmp_path):
    write_bundle(bundle, tmp_path / "bundle")
    code = (
        "import sys; from pathlib import Path;"
        "from models.bundle_files import load_bundle; from models.golden import check_golden;"
        "import models.store;"
        "check_golden(load_bundle(Path(sys.argv[1])));"
        "print(sorted({'mlflow', 'sklearn', 'xgboost', 'shap', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path / "bundle")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_bundle_of_lineage_alone_answers_any_profile(
    bundle, make_profiles, make_expression, profiles, tmp_path
):
    training = make_profiles()
    lineage = np.where(np.arange(len(training)) % 3 == 0, "Lung", "Ovary").astype(object)
    features = GeneSetFeatures(bundle.gene_sets, levels=())
    features.fit(training.assign(**{"covariate:lineage": lineage}))
    drug = replace(bundle.drugs["Cisplatin"], linear=LinearScore(np.array([1.0, -1.0]), 0.0))
    alone = replace(
        bundle,
        features=features,
        drugs={"Cisplatin": drug},
        golden=None,
        domain=None,
        background=np.zeros(2),
    )
    write_bundle(with_golden(alone), tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle")
    check_golden(loaded)
    answers = predict(loaded, make_expression(profiles), lineage="Lung").table
    assert len(set(answers["probability_sensitive"])) == 1
    assert set(answers["gene_coverage"]) == {1.0}


def test_a_flat_profile_is_refused(bundle, make_expression, profiles):
    flat = profiles.copy()
    flat.iloc[1] = 7.0
    with pytest.raises(PredictionError, match="1 profiles have one value for all genes"):
        predict(bundle, make_expression(flat))


def test_the_domain_percentile_is_said_and_far_profiles_are_noted(answer, profiles):
    near, far = answer(), answer(profiles + 30)
    assert near.table.columns[-1] == "domain_percentile"
    assert near.table["domain_percentile"].between(0, 100).all()
    assert near.table.groupby("sample_id")["domain_percentile"].nunique().eq(1).all()
    assert set(far.table["domain_percentile"]) == {100.0}
    assert any("7 of 7 profiles are less like the training lines" in note for note in far.notes)


def test_training_lines_are_noted(answer, make_profiles, profiles):
    fresh = profiles.set_axis([f"new_{at}" for at in range(len(profiles))])
    assert not any("not held out" in note for note in answer(fresh).notes)
    seen = make_profiles().iloc[:2].set_axis(["mine", "line_1"])
    (note,) = [note for note in answer(seen).notes if "not held out" in note]
    assert "2 profiles are those of training lines (mine, line_1)" in note
