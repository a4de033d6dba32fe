"""A small synthetic bundle, with linear scores and trees, made once a test session."""

import numpy as np
import pandas as pd
import pytest
import xgboost

from features.expression import Expression, ReadingReport
from features.gene_sets import Balance, GeneSet, GeneSetCollection, GeneSetMember
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.calibration import fit_sigmoid
from models.conformal import ClassConditionalConformal
from models.domain import DomainReference
from models.drug_model import DrugModel
from models.golden import with_golden
from models.held_out import HeldOutPredictions
from models.linear import LinearScore
from models.trees import FlatTrees

PANEL = {
    "copper": ("SLC31A1", "ATP7A", "ATP7B", "FDX1"),
    "fission": ("DNM1L", "FIS1", "MFF", "MIEF1"),
    "fusion": ("MFN1", "MFN2", "OPA1"),
}
MARKERS = ("MKI67", "PCNA", "TOP2A", "MCM2", "MCM3", "MCM4", "CCNB1", "BUB1")
DRUGS = ("Cisplatin", "Elesclomol", "Bleomycin (50 uM)", "5-Fluorouracil")


def make_gene_sets():
    def member(symbol):
        return GeneSetMember(symbol, "10.1000/test", "sensitivity", None)

    sets = [
        GeneSet(name, name.title(), "For tests.", "cuproptosis", tuple(map(member, genes)))
        for name, genes in PANEL.items()
    ]
    balance = Balance("fission_against_fusion", "fission", "fusion", "Fission", "10.1000/test")
    return GeneSetCollection(sets, [balance])


def make_training_profiles(n_samples=60, seed=0):
    random = np.random.default_rng(seed)
    others = [f"GENE{number}" for number in range(30)]
    genes = [gene for members in PANEL.values() for gene in members] + list(MARKERS) + others
    values = 6 + random.normal(size=(n_samples, len(genes))) * random.uniform(0.5, 2, len(genes))
    samples = [f"line_{number}" for number in range(n_samples)]
    return pd.DataFrame(values.astype(np.float32), index=samples, columns=genes)


def make_expression(values, scale="rma_log2"):
    n_samples, n_genes = values.shape
    report = ReadingReport(
        format="csv",
        orientation="samples_by_genes",
        delimiter=",",
        id_type="symbol",
        n_samples=n_samples,
        n_ids=n_genes,
        n_genes=n_genes,
        steps=(),
    )
    return Expression(values, scale, "symbol", "test", report)


def make_drug(name, position, features, *, status, random):
    sensitive = features[:, 0] + 0.5 * random.normal(size=len(features)) > 0.3
    linear, trees = None, None
    if position % 2 == 0:
        linear = LinearScore(random.normal(size=features.shape[1]) / 5, float(random.normal()))
        score = linear.score(features)
    else:
        settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
        matrix = xgboost.DMatrix(features, sensitive.astype(float))
        booster = xgboost.train(settings, matrix, num_boost_round=5)
        trees = FlatTrees.from_booster(booster, check_on=features)
        score = trees.margin(features)
    calibration = fit_sigmoid(score, sensitive)
    return DrugModel(
        drug=name,
        estimator="rank_ridge" if linear else "boosted_trees",
        parameters={"penalty": 100.0},
        linear=linear,
        trees=trees,
        calibration=calibration,
        conformal=ClassConditionalConformal.from_probabilities(
            calibration.probability(score), sensitive
        ),
        label_card={"method": "tertile", "cut_off_ln_um": 1.25},
        evidence_card={"roc_auc": 0.7, "p": None},
        status=status,
        held_out=make_held_out(sensitive, random),
    )


def make_held_out(sensitive, random, n_seeds=2):
    score = random.normal(size=(n_seeds, len(sensitive))).astype(np.float32)
    lines = tuple(f"line_{at}" for at in range(len(sensitive)))
    return HeldOutPredictions(
        samples=lines,
        groups=tuple(f"patient_{at // 2}" for at in range(len(lines))),
        is_sensitive=sensitive,
        probability=1 / (1 + np.exp(-score)),
        score=score,
        fold=random.integers(5, size=score.shape).astype(np.int16),
    )


def make_bundle(
    *, statuses=("supported", "exploratory", "withheld", "withheld"), seed=0, **changes
):
    profiles = make_training_profiles()
    lineage = np.where(np.arange(len(profiles)) % 3 == 0, "Lung", "Ovary").astype(object)
    training = profiles.assign(**{"covariate:lineage": lineage})
    transformer = GeneSetFeatures(make_gene_sets(), covariates=("lineage", "proliferation"))
    features = transformer.fit(training).transform(training)
    random = np.random.default_rng(seed)
    domain = DomainReference.fit(
        features[:, : len(transformer.gene_panel_)], list(profiles.index), lineage
    )
    drugs = {
        name: make_drug(name, position, features, status=status, random=random)
        for position, (name, status) in enumerate(zip(DRUGS, statuses, strict=True))
    }
    content = {
        "features": transformer,
        "gene_sets": transformer.gene_sets,
        "symbols": SymbolTable.panel(),
        "drugs": drugs,
        "provenance": {
            "cohort": "made-up",
            "simulated": True,
            "seed": seed,
            "created_at": "2026-01-01T00:00:00Z",
        },
        "minimum_gene_coverage": 0.8,
        "domain": domain,
        "background": features.mean(axis=0),
    }
    return with_golden(Bundle(**{**content, **changes}))


@pytest.fixture(scope="session")
def bundle():
    return make_bundle()


@pytest.fixture
def profiles():
    return make_training_profiles(n_samples=7, seed=5)


@pytest.fixture(scope="session", name="make_bundle")
def fixture_make_bundle():
    return make_bundle


@pytest.fixture(scope="session", name="make_profiles")
def fixture_make_profiles():
    return make_training_profiles


@pytest.fixture(scope="session", name="make_expression")
def fixture_make_expression():
    return make_expression
