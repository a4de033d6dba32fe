"""Cards of trainings: valid under the published schema, and never a number where there is none."""

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import numpy as np
import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from models.cards.page import card_page
from models.cards.schema import card_schema
from models.cards.sentences import summary_lines
from models.estimators import RankRidge
from training.cohort import Cohort
from training.evaluation import EvaluationSettings
from training.evidence.controls import ControlSettings
from training.evidence.other_cohorts import OtherCohorts
from training.evidence.report import EvidenceReport, report_of
from training.run import train
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
DRUGS = ["Cisplatin", "Docetaxel"]
NOT_ESTIMABLE = "not estimable: "


def simulate(seed: int = 0, n_lines: int = 150) -> Cohort:
    return simulate_cohort(seed, n_lines, DRUGS, gene_sets=GENES)


def evidence(cohort: Cohort, **changes: Any) -> EvidenceReport:
    settings = TrainingSettings(
        **{
            "drugs": DRUGS,
            "evaluation": EvaluationSettings(seeds=(0,), n_folds=3, families=(RankRidge(),)),
            "controls": ControlSettings(n_random_sets=19, seeds=(0,), n_folds=3),
            "n_jobs": 1,
            **changes,
        }
    )
    others = OtherCohorts((replace(simulate(1), name="other"),), {"far": "not run: fetch it"})
    return report_of(cohort, settings, train(cohort, GENE_SETS, settings, others=others))


def assert_valid(card: dict[str, Any]) -> None:
    """Valid, and shown without a number that is none."""
    card = json.loads(json.dumps(card, allow_nan=False))
    checker = jsonschema_rs.Draft202012Validator(card_schema())
    assert [f"{one.instance_path}: {one.message}" for one in checker.iter_errors(card)] == []
    for shown in (card_page(card), "\n".join(summary_lines(card))):
        assert "nan" not in shown.lower().replace("nanmean", "").split()
        assert "None" not in shown


@pytest.fixture(name="report", scope="module")
def fixture_report() -> EvidenceReport:
    return evidence(simulate())


def test_every_card_is_valid_and_holds_every_figure(report: EvidenceReport) -> None:
    for card in report.cards.values():
        assert_valid(card)
        assert not [name for name, one in card.items() if str(one).startswith("not run")]
        assert len(card["random"]["percentiles"]) == 101
        assert card["external"]["far"] == "not run: fetch it"
        assert card["external"]["other"]["n_unseen_lines"] >= 0
        for name in ("roc_auc", "brier", "average_precision", "expected_calibration_error"):
            assert card[name]["low"] <= card[name]["value"] <= card[name]["high"], name


def test_a_card_without_controls_is_valid_and_says_how_to_get_them() -> None:
    card = evidence(simulate(), controls=None).cards["Cisplatin"]
    assert_valid(card)
    for name in ("random", "q", "controls", "leave_lineage_out", "domain", "claims"):
        assert card[name].startswith("not run: `cupromark evidence run`")


def test_without_random_sets_the_other_controls_have_their_figures() -> None:
    controls = ControlSettings(n_random_sets=0, seeds=(0,), n_folds=3)
    card = evidence(simulate(), controls=controls).cards["Cisplatin"]
    assert_valid(card)
    assert card["q"] == "not estimable: no random gene sets were asked for"
    assert card["controls"]["panel"]["value"] > 0.5


def test_too_few_lines_or_one_class_leave_no_card_but_a_reason() -> None:
    cohort = simulate()
    values = cohort.response.values.copy()
    values.iloc[25:, 0] = np.nan
    few = evidence(replace(cohort, response=replace(cohort.response, values=values)))
    assert "Cisplatin" not in few.cards
    assert "needs" in few.skipped["Cisplatin"] or "at least" in few.skipped["Cisplatin"]
    values = cohort.response.values.copy()
    values["Cisplatin"] = values["Cisplatin"].where(values["Cisplatin"].isna(), 1.0)
    constant = evidence(replace(cohort, response=replace(cohort.response, values=values)))
    assert (
        "150 sensitive" in constant.skipped["Cisplatin"]
        or "0 resistant" in (constant.skipped["Cisplatin"])
    )
    for report in (few, constant):
        assert_valid(report.cards["Docetaxel"])


def test_a_lineage_of_a_single_patient_has_a_reason() -> None:
    cohort = simulate()
    group = cohort.split_group.where(cohort.lineage != "Skin", "one patient")
    card = evidence(replace(cohort, split_group=group)).cards["Cisplatin"]
    assert_valid(card)
    for figure in (
        card["coverage"]["0.8"]["by_lineage"]["Skin"],
        card["leave_lineage_out"]["by_lineage"]["Skin"],
        card["domain"]["share_unlike_by_lineage"]["Skin"],
    ):
        assert figure.startswith(NOT_ESTIMABLE)
        assert "single patient" in figure
    assert "Skin" not in card["lineage_leak"]["lineages"]


@pytest.mark.parametrize("of_all", [True, False])
def test_a_cohort_without_lineage_has_reasons(of_all: bool) -> None:
    cohort = simulate()
    lineage = pd.Series(
        [None if of_all else "Breast"] * len(cohort.lineage), index=cohort.lineage.index
    ).astype(object)
    card = evidence(replace(cohort, lineage=lineage)).cards["Cisplatin"]
    assert_valid(card)
    for figure in (
        card["lineage"]["roc_auc"],
        card["lineage"]["gain"],
        card["controls"]["lineage"],
        card["gains"]["lineage"],
        card["leave_lineage_out"]["roc_auc"],
        card["lineage_leak"]["panel"],
        card["domain"]["held_out_lineages"],
        card["domain"]["discrimination"],
    ):
        assert figure.startswith(NOT_ESTIMABLE)
    assert card["status"] != "supported"
    assert card["roc_auc"]["value"] > 0.5


def test_constant_genes_have_no_attribution_and_no_gain() -> None:
    cohort = simulate()
    flat = cohort.expression.values * 0 + 5.0
    report = evidence(replace(cohort, expression=replace(cohort.expression, values=flat)))
    for drug in DRUGS:
        card = report.cards.get(drug)
        if card is None:
            assert report.skipped[drug]
            continue
        assert_valid(card)
        assert card["attribution_stability"]["panel"].startswith(NOT_ESTIMABLE)
        assert card["status"] != "supported"
        assert card["gains"]["lineage"]["value"] == pytest.approx(0, abs=1e-9)


def test_some_constant_genes_change_nothing_but_the_panel() -> None:
    cohort = simulate()
    values = cohort.expression.values.copy()
    values.iloc[:, :5] = 7.0
    card = evidence(replace(cohort, expression=replace(cohort.expression, values=values))).cards[
        "Cisplatin"
    ]
    assert_valid(card)
    assert card["roc_auc"]["value"] > 0.5
