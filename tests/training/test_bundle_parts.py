from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from models.prediction import predict
from training.bundle_parts import domain_of, held_out_of
from training.metrics import pooled_roc_auc, ranked_pairs


def matrix_of(cohort, features):
    samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    return features.transform(samples)


def test_the_bundle_keeps_its_training_lines(training, trained):
    bundle, cohort = trained.bundle, training.cohort
    assert bundle.domain.samples == tuple(cohort.expression.samples)
    matrix = matrix_of(cohort, bundle.features)
    np.testing.assert_allclose(bundle.background, matrix.mean(axis=0), atol=1e-12)
    n_genes = len(bundle.features.gene_panel_)
    np.testing.assert_allclose(bundle.domain.features, matrix[:, :n_genes], atol=1e-5)


def test_training_lines_are_told_from_new_ones(training, trained):
    answers = predict(trained.bundle, training.cohort.expression, drugs=["Cisplatin"])
    (note,) = [note for note in answers.notes if "not held out" in note]
    assert note.startswith("120 profiles are those of training lines")
    fresh = training.simulate(7).expression
    renamed = replace(fresh, values=fresh.values.add_prefix("new_", axis=0))
    answers = predict(trained.bundle, renamed, drugs=["Cisplatin"])
    assert not any("not held out" in note for note in answers.notes)


def test_lines_of_one_patient_are_no_neighbours(training):
    cohort = training.cohort
    features = training.features().fit(
        cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    )
    apart = domain_of(cohort, features, matrix_of(cohort, features))
    pairs = pd.Series(
        [f"patient {at // 2}" for at in range(len(cohort.split_group))],
        index=cohort.split_group.index,
    )
    together = domain_of(replace(cohort, split_group=pairs), features, matrix_of(cohort, features))
    assert (together.spacing >= apart.spacing).all()
    assert (together.spacing > apart.spacing).any()


@pytest.mark.parametrize("why", ["one patient", "no genes"])
def test_without_neighbours_or_genes_there_is_no_domain(training, why):
    cohort = training.cohort
    levels = () if why == "no genes" else ("genes", "sets", "balances")
    features = GeneSetFeatures(training.gene_sets, levels=levels, with_quantiles=False).fit(
        cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    )
    if why == "one patient":
        one = pd.Series("the same", index=cohort.split_group.index)
        cohort = replace(cohort, split_group=one)
    assert domain_of(cohort, features, matrix_of(cohort, features)) is None


def test_held_out_predictions_are_those_that_were_measured(training, trained):
    for drug, one in trained.trained.items():
        task, kept = training.task(drug=drug), one.model.held_out
        assert kept.samples == tuple(task.samples.index)
        assert kept.groups == tuple(task.groups)
        np.testing.assert_array_equal(kept.is_sensitive, task.is_sensitive)
        np.testing.assert_allclose(kept.probability, one.evaluation.probability, atol=1e-6)
        assert kept.fold.max() == 2
        # The figure of the card can be had again from what is kept.
        pairs = [
            ranked_pairs(kept.is_sensitive, scores.astype(float), np.flatnonzero(folds == fold))
            for scores, folds in zip(kept.score, kept.fold, strict=True)
            for fold in range(3)
        ]
        again = pooled_roc_auc(pairs, np.ones((1, len(kept.samples))))[0]
        assert again == pytest.approx(one.evaluation.roc_auc.value, abs=1e-6)


def test_patients_are_held_out_together(trained):
    kept = trained.trained["Cisplatin"].model.held_out
    folds = pd.DataFrame({"group": kept.groups, "fold": kept.fold[0]})
    assert folds.groupby("group")["fold"].nunique().eq(1).all()


def test_what_is_kept_is_of_the_evaluation_that_is_given(training, trained):
    one = trained.trained["Cisplatin"]
    kept = held_out_of(training.task(), one.evaluation)
    np.testing.assert_array_equal(kept.score, one.model.held_out.score)
