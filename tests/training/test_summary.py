from __future__ import annotations

import json
from dataclasses import replace

import pytest

from training.drug_training import SkippedDrug
from training.metrics import Interval
from training.run import TrainingResult
from training.summary import describe_training, display_table, drug_table, training_json


def with_roc_auc(one, value):
    interval = Interval(value, value - 0.1, value + 0.1)
    return replace(one, evaluation=replace(one.evaluation, roc_auc=interval))


@pytest.fixture
def result(trained):
    """Four drugs with known figures, one of them left out."""
    one = trained.trained["Cisplatin"]
    figures = {"B": 0.7, "C": 0.8, "A": 0.7}
    drugs = {drug: with_roc_auc(one, value) for drug, value in figures.items()}
    skipped = {"D": SkippedDrug("D", "Too few lines.")}
    return TrainingResult(trained.bundle, drugs, skipped, {}, interrupted=False)


EMPTY = TrainingResult(None, {}, {}, {}, interrupted=True)


def test_means_are_over_drugs(result):
    assert result.mean_roc_auc == pytest.approx((0.7 + 0.8 + 0.7) / 3)
    alone = result.trained["A"].evaluation.lineage_roc_auc.value
    assert result.mean_lineage_roc_auc == pytest.approx(alone)


def test_the_best_drug_comes_first_and_even_ones_by_name(result):
    table = drug_table(result)
    assert table["drug"].tolist() == ["C", "A", "B"]
    assert display_table(result)["drug"].tolist() == ["C", "A", "B"]
    assert table["roc_auc"].tolist() == [0.8, 0.7, 0.7]
    assert table.columns[:4].tolist() == ["drug", "estimator", "status", "cut_off_um"]
    assert {"roc_auc_low", "lineage_roc_auc", "gain_over_lineage_high"} <= set(table.columns)
    assert table.notna().all().all()


def test_the_terminal_shows_intervals_and_signs(result):
    first = display_table(result).iloc[0]
    assert first["roc_auc [95% CI]"] == "0.80 [0.70, 0.90]"
    assert first["gain"][0] in "+-"
    assert "[" in first["lineage alone"]


def test_nothing_trained_is_an_empty_table():
    assert display_table(EMPTY).empty


def test_sentences_name_the_means_and_what_was_left_out(training, result):
    cohort = replace(training.cohort, simulated=False)
    sentences = describe_training(cohort, result)
    assert sentences[0].startswith(
        "Mean roc_auc on unseen samples over the drugs trained (3): 0.733;"
    )
    assert sentences[1:] == ["D was left out. Too few lines."]


def test_an_interrupt_and_a_simulation_are_said(training):
    interrupted, simulated = describe_training(training.cohort, EMPTY)
    assert interrupted.startswith("Interrupted")
    assert simulated.startswith("SIMULATED")


def test_json_holds_every_card(training, result):
    answer = json.loads(json.dumps(training_json(training.cohort, result), allow_nan=False))
    assert answer["simulated"] is True
    assert answer["mean_roc_auc"] == pytest.approx(result.mean_roc_auc)
    assert answer["skipped"] == {"D": "Too few lines."}
    assert set(answer["drugs"]) == {"A", "B", "C"}
    assert answer["drugs"]["A"]["status"] == result.trained["A"].model.status
    assert training_json(training.cohort, EMPTY)["mean_roc_auc"] is None
