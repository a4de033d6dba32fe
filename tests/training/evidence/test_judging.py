"""Statuses once the controls are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from models.estimators import RankRidge
from training.evaluation import EvaluationSettings
from training.evidence.controls import ControlSettings
from training.evidence.judging import random_figures, with_controls
from training.run import TrainingResult, train
from training.settings import TrainingSettings
from training.simulated import simulate_cohort
from training.summary import display_table

GENE_SETS = load_gene_sets().subset(
    ["cuproptosis_promoting", "mitochondrial_fission", "mitochondrial_fusion", "copper_export"]
)


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    settings = TrainingSettings(
        drugs=["Cisplatin", "Docetaxel"],
        evaluation=EvaluationSettings(seeds=(0,), families=(RankRidge(),)),
        controls=ControlSettings(n_random_sets=99, seeds=(0,)),
        n_jobs=1,
    )
    genes = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
    return train(
        simulate_cohort(0, 200, ["Cisplatin", "Docetaxel"], gene_sets=genes), GENE_SETS, settings
    )


def test_a_planted_signal_is_supported_and_the_bundle_says_so(result: TrainingResult) -> None:
    assert result.bundle is not None
    for drug, model in result.bundle.drugs.items():
        card = model.evidence_card
        assert card["q"] == pytest.approx(0.01), drug
        assert card["random"]["n_sets"] == 99
        assert card["controls"]["panel"]["value"] > card["controls"]["lineage"]["value"]
        assert card["gains"]["lineage"]["low"] > 0
        assert card["gains"]["shuffled_labels"]["low"] > 0
        assert card["leave_lineage_out"]["roc_auc"]["value"] > 0.6
        assert card["coverage"]["0.8"]["overall"]["value"] > 0.6
        assert -1 <= card["attribution_stability"]["panel"]["value"] <= 1
        assert card["label_robustness"]["second_roc_auc"]["low"] > 0.5
        assert 0.9 < card["measured_fraction"] < 1
        assert card["claims"]["n_tested"] >= card["claims"]["agree"]
        calibrated = card["calibration"]["error_if_calibrated"]["high"]
        if card["expected_calibration_error"]["value"] <= calibrated:
            assert model.status == "supported"


def test_random_panels_that_do_as_well_take_the_support_away(result: TrainingResult) -> None:
    assert result.controls is not None
    assert result.cohort_wide is not None
    as_good = replace(result.controls, random=np.ones_like(result.controls.random))
    judged = with_controls(result.trained, as_good, result.cohort_wide)
    for one in judged.values():
        assert one.model.status == "exploratory"
        assert "random gene sets do as well" in one.model.evidence_card["status_reason"]


def test_what_cannot_be_estimated_is_said_and_not_counted(result: TrainingResult) -> None:
    assert result.controls is not None
    assert result.cohort_wide is not None
    nothing = {name: np.full(2, np.nan) for name in result.controls.fixed}
    judged = with_controls(
        result.trained, replace(result.controls, fixed=nothing), result.cohort_wide
    )
    card = judged["Cisplatin"].model.evidence_card
    assert card["q"].startswith("not estimable: ")
    assert card["random"]["gain"].startswith("not estimable: ")
    assert judged["Cisplatin"].model.status == "exploratory"


@pytest.mark.parametrize("n_known", [0, 30])
def test_without_lineages_nothing_is_supported_and_no_figure_is_made_up(n_known: int) -> None:
    genes = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
    cohort = simulate_cohort(0, 150, ["Cisplatin"], gene_sets=genes)
    unknown = pd.Series(
        ["Breast"] * n_known + [None] * (150 - n_known), index=cohort.lineage.index, dtype=object
    )
    settings = TrainingSettings(
        drugs=["Cisplatin"],
        evaluation=EvaluationSettings(seeds=(0,), families=(RankRidge(),)),
        controls=ControlSettings(n_random_sets=39, seeds=(0,)),
        n_jobs=1,
    )
    result = train(replace(cohort, lineage=unknown), GENE_SETS, settings)
    model = result.trained["Cisplatin"].model
    card = model.evidence_card
    for figure in (card["lineage"]["roc_auc"], card["lineage"]["gain"]):
        assert figure == "not estimable: no lineage has enough lines of its own"
    assert card["controls"]["lineage"] == "not estimable: no two lineages have 5 lines"
    assert card["leave_lineage_out"]["roc_auc"].startswith("not estimable")
    assert card["q"] < 0.05
    assert model.status == "exploratory"
    assert "no lineage is known" in card["status_reason"]
    assert "no lineage" in display_table(result).to_string()


def test_a_cohort_of_panel_genes_alone_keeps_its_other_figures() -> None:
    genes = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
    cohort = simulate_cohort(0, 150, ["Cisplatin"], gene_sets=genes)
    panel = cohort.expression.values[list(GENE_SETS.gene_panel)]
    settings = TrainingSettings(
        drugs=["Cisplatin"],
        evaluation=EvaluationSettings(seeds=(0,), families=(RankRidge(),)),
        controls=ControlSettings(n_random_sets=39, seeds=(0,)),
        n_jobs=1,
    )
    only_panel = replace(cohort, expression=replace(cohort.expression, values=panel))
    card = train(only_panel, GENE_SETS, settings).trained["Cisplatin"].model.evidence_card
    for figure in (card["p"], card["q"], card["attribution_stability"]["panel"]):
        assert "0 genes outside the panel" in figure
    assert card["random"]["percentiles"] == []
    assert "0 genes outside the panel" in card["random"]["mean"]
    assert card["controls"]["panel"]["value"] > card["controls"]["shuffled_labels"]["value"]
    assert "not compared with random gene sets" in card["status_reason"]


def test_the_cloud_in_figures() -> None:
    figures = random_figures(0.62, np.linspace(0.4, 0.6, 101), 1 / 102)
    assert figures["mean"] == pytest.approx(0.5)
    assert (figures["low"], figures["high"]) == pytest.approx((0.405, 0.595))
    assert figures["percentiles"] == pytest.approx(list(np.linspace(0.4, 0.6, 101)))
    assert figures["gain"] == pytest.approx({"value": 0.12, "low": 0.025, "high": 0.215})
    assert figures["p_interval"]["low"] == 0
    nothing = random_figures(0.62, np.array([]), float("nan"))
    assert {nothing["mean"], nothing["p"]} == {"not estimable: no random gene sets were asked for"}
