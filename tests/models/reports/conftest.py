"""A bundle whose training lines can be worked out again, with linear scores and trees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xgboost

from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.calibration import SigmoidCalibration
from models.conformal import ClassConditionalConformal
from models.domain import DomainReference
from models.drug_model import DrugModel
from models.held_out import HeldOutPredictions
from models.linear import LinearScore
from models.reports.report_maker import ReportMaker
from models.trees import FlatTrees

LABELS = {
    "method": "tertile",
    "response_kind": "ln_ic50",
    "cut_off": 1.2,
    "cut_off_um": 3.32,
    "n_sensitive": 20,
    "n_resistant": 40,
    "outside_tested_range": True,
}
STRANGE = '<script>alert(1)</script> & "co" </style>'


def make_card():
    interval = {"value": 0.7, "low": 0.6, "high": 0.8}
    return {
        "n_lines": 60,
        "n_sensitive": 20,
        "n_groups": 30,
        "roc_auc": interval,
        "lineage": {"roc_auc": interval, "gain": {"value": 0.0, "low": -0.1, "high": 0.1}},
        "status_reason": "for a test.",
        "random": {
            "n_sets": 100,
            "mean": 0.68,
            "percentiles": [0.65 + 0.0006 * n for n in range(101)],
            "gain": {"value": 0.02, "low": -0.01, "high": 0.05},
        },
        "p": 0.1,
        "q": 0.4,
    }


def make_model(drug, features, *, trees, status):
    random = np.random.default_rng(len(drug))
    sensitive = features[:, 0] + 0.5 * random.normal(size=len(features)) > 0.3
    linear, grown = None, None
    if trees:
        settings = {"objective": "binary:logistic", "max_depth": 4, "nthread": 1}
        matrix = xgboost.DMatrix(features, sensitive.astype(float))
        booster = xgboost.train(settings, matrix, num_boost_round=8)
        grown = FlatTrees.from_booster(booster, check_on=features)
        score = grown.margin(features)
    else:
        linear = LinearScore(random.normal(size=features.shape[1]) / 5, 0.1)
        score = linear.score(features)
    calibration = SigmoidCalibration(0.8, -0.3)
    margin = random.normal(size=(2, len(features))).astype(np.float32)
    held_out = HeldOutPredictions(
        samples=tuple(f"line_{at}" for at in range(len(features))),
        groups=tuple(f"patient_{at // 2}" for at in range(len(features))),
        is_sensitive=sensitive,
        probability=1 / (1 + np.exp(-margin)),
        score=margin,
        fold=np.zeros(margin.shape, dtype=np.int16),
    )
    return DrugModel(
        drug=drug,
        estimator="boosted_trees" if trees else "rank_ridge",
        parameters={},
        linear=linear,
        trees=grown,
        calibration=calibration,
        conformal=ClassConditionalConformal.from_probabilities(
            calibration.probability(score), sensitive
        ),
        label_card=LABELS,
        evidence_card=make_card(),
        status=status,
        held_out=held_out,
    )


def make_report_bundle(shared, profiles, *, score="mean_z", covariates=("lineage",)):
    lineage = np.where(np.arange(len(profiles)) % 3 == 0, "Lymphoid", "Ovary").astype(object)
    lineage[-2:] = None
    training = profiles.assign(**{"covariate:lineage": lineage})
    transformer = GeneSetFeatures(shared.gene_sets, score=score, covariates=covariates)
    features = transformer.fit(training).transform(training)
    z = features[:, : len(transformer.gene_panel_)]
    drugs = (
        make_model("Cisplatin", features, trees=False, status="exploratory"),
        make_model("Elesclomol", features, trees=True, status="withheld"),
        make_model(STRANGE, features, trees=False, status="supported"),
    )
    bundle = Bundle(
        features=transformer,
        gene_sets=transformer.gene_sets,
        symbols=shared.symbols,
        drugs={model.drug: model for model in drugs},
        provenance={
            "cohort": "made-up",
            "simulated": True,
            "n_samples": len(features),
            "created_at": "2026-01-02T03:04:05+00:00",
            "code_version": "0.1.0",
            "sources": [{"name": "a_file", "sha256": "ab", "bytes": 12, "complete": False}],
            "settings": {"seeds": "0,1,2", "n_folds": "5"},
        },
        minimum_gene_coverage=0.8,
        sha256="ab" * 32,
        domain=DomainReference.fit(z, list(profiles.index), lineage),
        background=features.mean(axis=0),
    )
    return bundle, features


@pytest.fixture(scope="session")
def made(bundle, make_profiles):
    """The bundle and the features that it was trained on."""
    return make_report_bundle(bundle, make_profiles())


@pytest.fixture(scope="session")
def report_bundle(made):
    return made[0]


@pytest.fixture(scope="session")
def bundle_with(bundle, make_profiles):
    return lambda **options: make_report_bundle(bundle, make_profiles(), **options)[0]


@pytest.fixture(scope="session")
def old_bundle(report_bundle):
    """What a bundle of format 1 keeps."""
    drugs = {
        name: replace(
            model,
            held_out=None,
            trees=None if model.trees is None else replace(model.trees, cover=None),
        )
        for name, model in report_bundle.drugs.items()
    }
    return replace(report_bundle, domain=None, background=None, drugs=drugs)


@pytest.fixture(scope="session")
def maker(report_bundle):
    return ReportMaker.of(report_bundle)


@pytest.fixture(scope="session")
def strange():
    return STRANGE
