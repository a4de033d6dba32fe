"""Answering from a loaded bundle: milliseconds for 1 and 64 profiles and every drug.

Run: python benchmarks/predict.py [--drugs 271] [--repeats 15]

The bundle is made in the run, from a simulated cohort: linear classifiers, calibration and
conformal sets, every drug. The peer is as many scikit-learn pipelines (StandardScaler, then
LogisticRegression with an L2 penalty) on the same genes, asked for predict_proba one by one. It
aligns nothing, checks nothing and makes no conformal set.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from features.alignment import AlignMethod
from features.expression import Expression

if TYPE_CHECKING:
    from models.bundle import Bundle
    from training.cohort import Cohort

Array = np.ndarray[Any, Any]
N_LINES = 200
BATCHES = (1, 64)
METHODS: tuple[AlignMethod, ...] = ("none", "quantile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drugs", type=int, default=271)
    parser.add_argument("--repeats", type=int, default=15)
    given = parser.parse_args()
    drugs = [f"drug {number:03d}" for number in range(given.drugs)]
    with threadpool_limits(limits=1):
        cohort = simulated(drugs)
        bundle, pipelines = make_bundle(cohort, drugs), fit_pipelines(cohort, drugs)
        n_genes = len(bundle.features.gene_panel_)
        print(f"{len(drugs)} drugs, {n_genes} panel genes, one thread; medians in ms")
        print(f"{'profiles':>8}{'alignment':>11}{'cupromark':>11}{'sklearn':>9}{'ratio':>8}")
        for n_profiles in BATCHES:
            profiles = first_profiles(cohort, n_profiles)
            panel = profiles.values[list(bundle.features.gene_panel_)].to_numpy()
            peer = median_ms(partial(ask_all, pipelines, panel), given.repeats)
            for method in METHODS:
                ours = median_ms(asked(bundle, profiles, drugs, method), given.repeats)
                print(f"{n_profiles:8}{method:>11}{ours:11.1f}{peer:9.1f}{peer / ours:7.1f}x")
    print("ratio: how many times as fast as the peer")


def simulated(drugs: list[str]) -> Cohort:
    from training.simulated import simulate_cohort

    return simulate_cohort(0, N_LINES, drugs)


def make_bundle(cohort: Cohort, drugs: list[str]) -> Bundle:
    """Learn as `cupromark train` learns a final classifier, with the ridge family alone."""
    from features.gene_sets import load_gene_sets
    from features.lineage import LINEAGE_COLUMN
    from features.transformer import GeneSetFeatures
    from models.bundle import Bundle

    gene_sets = load_gene_sets()
    samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
    features = GeneSetFeatures(gene_sets, expression_scale=cohort.expression.scale)
    matrix = features.fit(samples).transform(samples)
    return Bundle(
        features=features,
        gene_sets=gene_sets,
        symbols=cohort.symbols,
        drugs={drug: learn_drug(cohort, matrix, drug) for drug in drugs},
        provenance={"cohort": cohort.name, "simulated": True},
        minimum_gene_coverage=0.8,
    )


def learn_drug(cohort: Cohort, matrix: Array, drug: str) -> Any:
    from models.calibration import fit_sigmoid
    from models.conformal import ClassConditionalConformal
    from models.drug_model import DrugModel
    from models.estimators import RankRidge, Target

    there, response, is_sensitive = labelled(cohort, drug)
    target = Target(response, is_sensitive)
    family = RankRidge()
    (fitted,) = family.fit_settings(matrix[there], target, family.settings, seed=0)
    scores = fitted.score.score(matrix[there])
    calibration = fit_sigmoid(scores, is_sensitive)
    probability = calibration.probability(scores)
    return DrugModel(
        drug=drug,
        estimator=family.name,
        parameters=fitted.parameters,
        linear=fitted.score,  # type: ignore[arg-type]
        trees=None,
        calibration=calibration,
        conformal=ClassConditionalConformal.from_probabilities(probability, is_sensitive),
        label_card={},
        evidence_card={},
        status="exploratory",
    )


def labelled(cohort: Cohort, drug: str) -> tuple[Array, Array, Array]:
    """Which lines were measured, their responses, and whether each is in the lowest third."""
    if cohort.response is None:
        raise SystemExit("The simulated cohort holds no response.")
    response = cohort.response.values[drug].to_numpy()
    there = np.isfinite(response)
    return there, response[there], response[there] <= np.quantile(response[there], 1 / 3)


def fit_pipelines(cohort: Cohort, drugs: list[str]) -> list[Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from features.gene_sets import load_gene_sets

    panel = cohort.expression.values[list(load_gene_sets().gene_panel)].to_numpy()
    pipelines = []
    for drug in drugs:
        there, _, is_sensitive = labelled(cohort, drug)
        pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=50))
        pipelines.append(pipeline.fit(panel[there], is_sensitive))
    return pipelines


def ask_all(pipelines: list[Any], panel: Array) -> Array:
    return np.column_stack([pipeline.predict_proba(panel)[:, 1] for pipeline in pipelines])


def first_profiles(cohort: Cohort, count: int) -> Expression:
    return replace(cohort.expression, values=pd.DataFrame(cohort.expression.values.iloc[:count]))


def asked(
    bundle: Bundle, profiles: Expression, drugs: list[str], method: AlignMethod
) -> Callable[[], object]:
    from models.prediction import predict

    return lambda: predict(bundle, profiles, drugs=drugs, align=method)


def median_ms(ask: Callable[[], object], repeats: int) -> float:
    ask()  # the first call imports and allocates
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        times.append(1_000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
