"""Boosters, bundles and profiles of the size that a user has: made up, none of it data."""

import numpy as np
import pandas as pd
import xgboost

from features.gene_sets import load_gene_sets
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.bundle_files import write_bundle
from models.calibration import fit_sigmoid
from models.conformal import ClassConditionalConformal
from models.domain import DomainReference
from models.drug_model import DrugModel
from models.golden import with_golden
from models.linear import LinearScore
from models.trees import FlatTrees

N_LINES = 600
N_DISTINCT = 12  # boosters that are really trained; the others are copies under other names
SETTINGS = {"objective": "binary:logistic", "max_depth": 4, "max_bin": 64, "nthread": 1}
N_TREES = 300


def make_profiles(n_genes, n_samples=N_LINES, seed=0):
    """Make samples x genes of the shipped panel, log2."""
    random = np.random.default_rng(seed)
    genes = sorted({gene for one in load_gene_sets().values() for gene in one.genes})[:n_genes]
    values = 7 + random.normal(size=(n_samples, len(genes))) * random.uniform(0.5, 2, len(genes))
    samples = [f"line {number}" for number in range(n_samples)]
    return pd.DataFrame(values.astype(np.float32), index=samples, columns=genes)


def train_boosters(values, folder, n_drugs):
    """Write a UBJ file a drug, of 300 trees of depth 4."""
    random = np.random.default_rng(1)
    folder.mkdir()
    raw = []
    for at in range(min(N_DISTINCT, n_drugs)):
        label = values[:, at] + values[:, at + 20] + random.normal(size=len(values)) > np.median(
            values[:, at] + values[:, at + 20]
        )
        booster = xgboost.train(SETTINGS, xgboost.DMatrix(values, label), num_boost_round=N_TREES)
        raw.append(bytes(booster.save_raw("ubj")))
    for at in range(n_drugs):
        (folder / f"{at:03d}.ubj").write_bytes(raw[at % len(raw)])


def write_made_up_bundle(profiles, folder, n_drugs, *, with_trees):
    """Write a bundle with `n_drugs` linear scores, as ridge gives them, or boosted trees."""
    random = np.random.default_rng(2)
    lineage = random.choice(np.array(["Lung", "Ovary", "Skin", "Bowel"], object), len(profiles))
    training = profiles.assign(**{"covariate:lineage": lineage})
    transformer = GeneSetFeatures(load_gene_sets(), covariates=("lineage",), lineage_weight=6.0)
    features = transformer.fit(training).transform(training)
    drugs = {
        name: _drug(name, features, random, with_trees=with_trees)
        for name in (f"Drug {number}" for number in range(n_drugs))
    }
    bundle = Bundle(
        features=transformer,
        gene_sets=transformer.gene_sets,
        symbols=SymbolTable.panel(),
        drugs=drugs,
        provenance={"cohort": "made-up", "simulated": True},
        minimum_gene_coverage=0.8,
        background=features.mean(axis=0),
        domain=DomainReference.fit(
            features[:, : len(transformer.gene_panel_)], list(profiles.index), list(lineage)
        ),
    )
    write_bundle(with_golden(bundle), folder)


def _drug(name, features, random, *, with_trees):
    sensitive = features[:, random.integers(100)] + random.normal(size=len(features)) > 0.3
    linear, trees = None, None
    if with_trees:
        booster = xgboost.train(
            SETTINGS, xgboost.DMatrix(features, sensitive), num_boost_round=N_TREES
        )
        trees = FlatTrees.from_booster(booster, check_on=features)
        scores = trees.margin(features)
    else:
        linear = LinearScore(random.normal(size=features.shape[1]) / 10, 0.1)
        scores = linear.score(features)
    calibration = fit_sigmoid(scores, sensitive)
    probability = calibration.probability(scores)
    return DrugModel(
        drug=name,
        estimator="boosted_trees" if with_trees else "rank_ridge",
        parameters={},
        linear=linear,
        trees=trees,
        calibration=calibration,
        conformal=ClassConditionalConformal.from_probabilities(probability, sensitive),
        label_card={"method": "tertile"},
        evidence_card={"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}},
        status="exploratory",
    )
