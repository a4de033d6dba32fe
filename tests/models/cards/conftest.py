"""A card made by hand, with every section filled in."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from models.cards.card import whole_card
from models.cards.sentences import CONTROL_NAMES

NOTHING = "not estimable: 3 lines, at least 10 are needed"


def interval(value: float, reach: float = 0.05) -> dict[str, float]:
    return {"value": value, "low": value - reach, "high": value + reach}


def _coverage(level: float) -> dict[str, Any]:
    names = ("overall", "sensitive", "resistant", "no_call_share", "empty_share", "mean_set_size")
    return {
        "level": level,
        **{name: interval(level) for name in names},
        "standard_errors": {"overall": 0.02, "sensitive": 0.03, "resistant": 0.03},
        "by_lineage": {"Lung": interval(0.82), "Skin": interval(0.7), "Eye": NOTHING},
    }


def _percentiles() -> dict[str, Any]:
    quantiles = {"5": 2.0, "25": 20.0, "50": 50.0, "75": 80.0, "95": 99.0}
    return {"quantiles": quantiles, "share_unlike": interval(0.06, 0.02)}


def _evidence() -> dict[str, Any]:
    calibration = {
        "brier": interval(0.19),
        "prevalence_brier": 0.22,
        "expected_calibration_error": interval(0.06, 0.02),
        "error_if_calibrated": interval(0.08, 0.03),
        "slope": interval(0.9, 0.3),
        "intercept": interval(0.1, 0.2),
        "in_the_large": interval(0.0, 0.1),
        "reliability": [
            {"promised": 0.1 * n + 0.05, "observed": interval(0.1 * n + 0.06), "n_predictions": 20}
            for n in range(1, 8)
        ],
    }
    return {
        "n_lines": 200,
        "n_sensitive": 66,
        "n_groups": 190,
        "n_cohort_lines": 240,
        "measured_fraction": 0.83,
        "roc_auc": interval(0.74),
        "seed_band": [0.73, 0.75],
        "average_precision": interval(0.6),
        "average_precision_seed_band": [0.58, 0.61],
        "prevalence": interval(0.33),
        "lineage": {"roc_auc": interval(0.66), "gain": interval(0.08, 0.04)},
        "brier": calibration["brier"],
        "prevalence_brier": 0.22,
        "expected_calibration_error": calibration["expected_calibration_error"],
        "estimators_in_folds": {"rank_ridge": 15},
        "inner_roc_auc": {"rank_ridge": 0.75},
        "status_reason": "roc_auc is above 0.5, but random gene sets do as well.",
        "not_run": [],
        "calibration": calibration,
        "calibration_choice": {
            "chosen": "sigmoid",
            "sigmoid_brier": interval(0.19),
            "venn_abers_brier": interval(0.195),
            "difference": interval(0.005, 0.01),
            "standard_error": 0.004,
        },
        "coverage": {"0.8": _coverage(0.8), "0.9": _coverage(0.9)},
        "controls": {name: interval(0.7 - 0.02 * n) for n, name in enumerate(CONTROL_NAMES)},
        "gains": {name: interval(0.03) for name in CONTROL_NAMES if name != "panel"},
        "random": {
            "n_sets": 1000,
            "mean": 0.68,
            "sd": 0.01,
            "low": 0.66,
            "high": 0.7,
            "largest": 0.71,
            "percentiles": [0.65 + 0.0006 * n for n in range(101)],
            "p": 0.1,
            "p_interval": interval(0.1, 0.02),
            "gain": interval(0.02, 0.02),
        },
        "p": 0.1,
        "q": 0.4,
        "n_drugs_tested": 12,
        "leave_lineage_out": {
            "roc_auc": interval(0.6),
            "by_lineage": {"Lung": interval(0.62), "Eye": NOTHING},
        },
        "label_robustness": {
            "estimator": "rank_ridge",
            "method": "tertile",
            "second_method": "waterfall",
            "roc_auc": interval(0.7),
            "second_roc_auc": interval(0.69),
            "difference": interval(-0.01),
            "agreement": 0.8,
            "seed_band": [0.69, 0.71],
            "second_seed_band": None,
            "n_sensitive": 66,
            "second_n_sensitive": 80,
        },
        "attribution_stability": {
            "panel": interval(0.6),
            "random": 0.5,
            "random_lowest": 0.45,
            "random_highest": 0.55,
            "gain": interval(0.1),
        },
        "lineage_leak": {
            "panel": interval(0.5),
            "random": 0.45,
            "random_lowest": 0.4,
            "random_highest": 0.5,
            "chance": 0.1,
            "lineages": ["Lung", "Skin"],
        },
        "domain": {
            "held_out_patients": _percentiles(),
            "held_out_lineages": _percentiles(),
            "share_unlike_by_lineage": {"Lung": interval(0.1), "Eye": NOTHING},
            "discrimination": interval(0.6),
        },
        "claims": {
            "n_tested": 2,
            "agree": 1,
            "disagree": 0,
            "inconclusive": 1,
            "share_agreeing": interval(0.9, 0.1),
            "tested": [
                {
                    "claim": f"opa1-up-{verdict}",
                    "subject": "OPA1",
                    "about": "drug",
                    "direction_when_high": "resistance",
                    "verdict": verdict,
                    "within_lineage": interval(-0.2),
                    "q": 0.2,
                }
                for verdict in ("agree", "inconclusive")
            ],
        },
        "external": {
            "depmap-gdsc2": {
                "n_shared_lines": 226,
                "n_unseen_lines": 252,
                "n_shared_genes": 60,
                "n_tested": 200,
                "n_sensitive": 70,
                "roc_auc": interval(0.66),
            },
            "gdsc": "not run: fetch it by `cupromark data fetch gdsc`",
        },
    }


LABEL_CARD = {
    "method": "tertile",
    "response_kind": "ln_ic50",
    "cut_off": 1.2,
    "cut_off_um": 3.32,
    "n_sensitive": 66,
    "n_resistant": 134,
    "minimum_tested_ln_um": -4.0,
    "maximum_tested_ln_um": 2.0,
    "outside_tested_range": False,
    "share_beyond_tested_range": 0.3,
}


@pytest.fixture
def card() -> dict[str, Any]:
    return copy.deepcopy(
        whole_card(
            _evidence(),
            drug="Cisplatin",
            cohort="ccle-gdsc2",
            simulated=False,
            status="exploratory",
            label_card=LABEL_CARD,
        )
    )


@pytest.fixture
def bare_card() -> dict[str, Any]:
    """A card of a training without controls."""
    from models.cards.card import FROM_CONTROLS

    evidence = {name: one for name, one in _evidence().items() if name not in FROM_CONTROLS}
    return whole_card(
        copy.deepcopy(evidence),
        drug="Cisplatin",
        cohort="ccle-gdsc2",
        simulated=True,
        status="exploratory",
        label_card=LABEL_CARD,
    )
