"""How well the gene panel does on unseen lines, beside what a user would do instead.

Run: python benchmarks/panel_against_peers.py [--drugs 12] [--seeds 1] [--cohort ccle-gdsc2]

Every way meets the same drugs, labels (lowest third) and folds (by patient), learns everything
inside the fold, and is measured alike: roc_auc over the (sensitive, resistant) pairs within a fold.
Ours is the whole procedure of `cupromark train`. The peers: ridge on the rank with lineage alone,
with as many random genes beside it (three draws) and with every gene beside it; and on our panel
with lineage, scikit-learn's LogisticRegressionCV and XGBoost as they come, on the binary label.

Differences are means over drugs with their standard error over drugs. Drugs share lines, so that
they are not independent and the true uncertainty is larger.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from train_all_drugs import drugs_of, evenly_spaced, load, response_of

if TYPE_CHECKING:
    from training.cohort import Cohort

Array = np.ndarray[Any, Any]
Learner = Callable[[Array, Array, Array, Array], Array]
N_FOLDS = 5
N_RANDOM_SETS = 3
OURS = "cupromark train"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohort", default="ccle-gdsc2")
    parser.add_argument("--drugs", type=int, default=12, help="so many, evenly spaced by name")
    parser.add_argument("--seeds", type=int, default=1, help="repetitions of the folds")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    cohort = load(given.cohort)
    drugs = evenly_spaced(drugs_of(cohort), given.drugs)
    rows = joblib.Parallel(n_jobs=given.jobs)(
        joblib.delayed(compare)(cohort, drug, range(given.seeds)) for drug in drugs
    )
    table = pd.DataFrame(rows, index=drugs)
    print(f"{given.cohort}: {len(drugs)} drugs, {N_FOLDS} folds x {given.seeds} seeds")
    print(f"{'':34}{'mean roc_auc':>14}{'ours minus it':>22}{'drugs that ours leads':>24}")
    for name in table.columns:
        gain = table[OURS] - table[name]
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        beside = "" if name == OURS else f"{gain.mean():+.3f} (SE {error:.3f})"
        leads = "" if name == OURS else f"{int((gain > 0).sum())} of {len(gain)}"
        print(f"{name:34}{table[name].mean():14.3f}{beside:>22}{leads:>24}")


def compare(cohort: Cohort, drug: str, seeds: Sequence[int]) -> dict[str, float]:
    """One drug under every way: roc_auc on unseen lines by name of the way."""
    from training.evaluation import DrugTask
    from training.labels import label_response

    measured = response_of(cohort).values[drug].notna().to_numpy()
    response = response_of(cohort).values.loc[measured, drug].to_numpy(dtype=float)
    is_sensitive, card = label_response(response, drug=drug, kind=response_of(cohort).kind)
    samples = cohort.expression.values.loc[measured]
    lineage = cohort.lineage[measured]
    task = DrugTask(
        drug=drug,
        samples=samples.assign(**{"covariate:lineage": lineage}),
        response=response,
        is_sensitive=is_sensitive,
        groups=cohort.split_group[measured].to_numpy(dtype=np.str_),
        label_card=card,
    )
    with threadpool_limits(limits=1):
        ours = {OURS: roc_auc_of_ours(task, cohort, seeds)}
        return ours | {name: roc_auc_of_peer(task, way, seeds) for name, way in peers(task)}


def roc_auc_of_ours(task: Any, cohort: Cohort, seeds: Sequence[int]) -> float:
    from features.gene_sets import load_gene_sets
    from features.transformer import GeneSetFeatures
    from training.evaluation import EvaluationSettings, evaluate_drug
    from training.settings import TrainingSettings

    settings = TrainingSettings()
    make_features = partial(
        GeneSetFeatures,
        load_gene_sets(),
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        with_quantiles=False,
    )
    evaluation = EvaluationSettings(n_folds=N_FOLDS, seeds=tuple(seeds), n_bootstrap=2)
    return evaluate_drug(task, make_features, evaluation).roc_auc.value


def peers(task: Any) -> Iterator[tuple[str, tuple[Sequence[str], Learner]]]:
    """Name the peers, each with the genes that it sees and what it learns with."""
    from features.gene_sets import load_gene_sets

    every = list(task.samples.columns.drop("covariate:lineage"))
    panel = [gene for gene in load_gene_sets().gene_panel if gene in task.samples.columns]
    yield "lineage alone, rank ridge", ([], rank_ridge)
    generator = np.random.default_rng(0)
    for number in range(1, N_RANDOM_SETS + 1):
        genes = list(generator.choice(every, size=len(panel), replace=False))
        yield f"{len(panel)} random genes, draw {number}", (genes, rank_ridge)
    yield f"all {len(every)} genes, rank ridge", (every, rank_ridge)
    yield "panel, LogisticRegressionCV", (panel, logistic_regression_cv)
    yield "panel, XGBClassifier", (panel, xgboost_classifier)


def roc_auc_of_peer(task: Any, way: tuple[Sequence[str], Learner], seeds: Sequence[int]) -> float:
    from features.lineage import fit_lineage_coding
    from training.metrics import pooled_roc_auc, ranked_pairs
    from training.settings import TrainingSettings
    from training.splits import grouped_folds

    genes, learner = way
    expression = task.samples[list(genes)].to_numpy(dtype=float)
    lineage = task.samples["covariate:lineage"]
    settings, pairs = TrainingSettings(), []
    for seed in seeds:
        for fold in grouped_folds(task.is_sensitive, task.groups, n_folds=N_FOLDS, seed=seed):
            mean, spread = expression[fold.train].mean(axis=0), expression[fold.train].std(axis=0)
            z = (expression - mean) / np.where(spread > 0, spread, 1)
            coding = fit_lineage_coding(
                lineage.iloc[fold.train],
                minimum=settings.lineage_minimum,
                weight=settings.lineage_weight,
            )
            features = np.hstack([z, coding.encode(lineage)])
            scores = np.zeros(len(lineage))
            scores[fold.test] = learner(
                features[fold.train],
                task.response[fold.train],
                task.is_sensitive[fold.train],
                features[fold.test],
            )
            pairs.append(ranked_pairs(task.is_sensitive, scores, fold.test))
    return float(pooled_roc_auc(pairs, np.ones((1, len(lineage))))[0])


def rank_ridge(train: Array, response: Array, is_sensitive: Array, test: Array) -> Array:
    from models.estimators import RankRidge, Target

    family = RankRidge()
    (fitted,) = family.fit_settings(train, Target(response, is_sensitive), [{}], seed=0)
    return fitted.score.score(test)


def logistic_regression_cv(
    train: Array, _response: Array, is_sensitive: Array, test: Array
) -> Array:
    from sklearn.linear_model import LogisticRegressionCV

    with warnings_off():
        fitted = LogisticRegressionCV(cv=5, max_iter=200).fit(train, is_sensitive)
    return np.asarray(fitted.decision_function(test))


def xgboost_classifier(train: Array, _response: Array, is_sensitive: Array, test: Array) -> Array:
    from xgboost import XGBClassifier

    fitted = XGBClassifier(n_jobs=1, random_state=0).fit(train, is_sensitive)
    return np.asarray(fitted.predict_proba(test)[:, 1])


def warnings_off() -> Any:
    import warnings

    return warnings.catch_warnings(action="ignore")


if __name__ == "__main__":
    main()
