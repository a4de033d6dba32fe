"""What the controls cost as random gene sets and drugs grow, beside one ridge a drug.

Run: python benchmarks/evidence_scaling.py [--cohort ccle-gdsc2] [--sets 25,50,100]
         [--drugs 34,68,135,271] [--peer-sets 1]
Goal: cost linear in sets and in drugs, that is, log-log slopes of at most 1.

CPU seconds of one process on one thread, best of two runs, five folds of one seed. The slope in
the number of sets is that of what sets cost beyond a run without any (folds, fixed controls).

The controls go through the estimator that is served: drugs that learn together share factors, and
the others choose a penalty each. The peers are what a script would do for held-out scores: for
every set, fold and drug, fit scikit-learn's Ridge with a given penalty, or RidgeCV, which chooses
one by leave-one-out error. Neither shares anything between drugs, or makes a p-value.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.evidence.control_estimator import LearnedTogether
    from training.evidence.controls import ControlData

N_FOLDS, N_RUNS, PENALTY = 5, 2, 1_000.0


def main() -> None:
    from threadpoolctl import threadpool_limits

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohort", default="ccle-gdsc2")
    parser.add_argument("--sets", type=numbers, default=[25, 50, 100])
    parser.add_argument("--drugs", type=numbers, default=[34, 68, 135, 271])
    parser.add_argument("--peer-sets", type=int, default=1)
    given = parser.parse_args()
    data = load(given.cohort)
    every = len(data.drugs)
    with threadpool_limits(limits=1):
        run_controls_of(data, given.sets[0])  # imports and first calls
        few_drugs, few_sets = given.drugs[len(given.drugs) // 2], given.sets[0]
        by_sets(take(data, few_drugs), given.sets)
        by_drugs(data, few_sets, [number for number in given.drugs if number <= every])
        beside_peers(data, given.sets[len(given.sets) // 2], given.peer_sets)


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def load(name: str) -> ControlData:
    from features.gene_sets import load_gene_sets
    from training.cohort import load_cohort
    from training.evidence.controls import ControlSettings
    from training.evidence.studies.selection import lay_out
    from training.files import FileSettings, FileSource
    from training.settings import TrainingSettings

    cohort = load_cohort(name, files=FileSource(FileSettings.from_environment()))
    data, _ = lay_out(cohort, load_gene_sets(), TrainingSettings(), ControlSettings())
    n_lines, n_drugs = data.response.shape
    print(f"{name}: {n_lines} lines, {n_drugs} drugs, {len(data.plan.gene_panel)} panel genes")
    return data


def take(data: ControlData, n_drugs: int) -> ControlData:
    """Evenly spaced drugs, so that gaps are alike however many there are."""
    every = len(data.drugs)
    places = [at * every // n_drugs for at in range(min(n_drugs, every))]
    return replace(
        data,
        drugs=tuple(data.drugs[at] for at in places),
        response=data.response[:, places],
        is_sensitive=data.is_sensitive[:, places],
        together=data.together and with_drugs(data.together, places),
    )


def with_drugs(together: LearnedTogether, places: Sequence[int]) -> LearnedTogether:
    """Let these drugs learn together, as if the cohort held no others."""
    columns = [together.columns[place] for place in places]
    kept = [column for column in columns if column >= 0]
    renumbered = tuple(kept.index(column) if column >= 0 else -1 for column in columns)
    return replace(together, lines=together.lines.of_drugs(kept), columns=renumbered)


def run_controls_of(data: ControlData, n_sets: int) -> None:
    from training.evidence.controls import ControlSettings, run_controls

    run_controls(data, ControlSettings(n_random_sets=n_sets, seeds=(0,), n_jobs=1))


def by_sets(data: ControlData, sets: Sequence[int]) -> None:
    print(f"\n{len(data.drugs)} drugs; a run without random sets is taken away")
    fixed = cpu_seconds(run_controls_of, data, 0)
    costs = [cpu_seconds(run_controls_of, data, number) - fixed for number in sets]
    print(f"{'random sets':>12}{'CPU s':>9}{'ms a set':>10}{'times the one before':>22}")
    show(sets, costs)
    print(f"slope in the number of sets (log-log): {slope(sets, costs):.2f}")


def by_drugs(data: ControlData, n_sets: int, drugs: Sequence[int]) -> None:
    print(f"\n{n_sets} random sets and the fixed controls")
    costs = [cpu_seconds(run_controls_of, take(data, number), n_sets) for number in drugs]
    print(f"{'drugs':>12}{'CPU s':>9}{'ms a drug':>10}{'times the one before':>22}")
    show(drugs, costs)
    print(f"slope in the number of drugs (log-log): {slope(drugs, costs):.2f}")


def beside_peers(data: ControlData, n_sets: int, peer_sets: int) -> None:
    """Cost of all drugs of one random set, ours and a script's."""
    n_drugs = len(data.drugs)
    fixed = cpu_seconds(run_controls_of, data, 0)
    ours = (cpu_seconds(run_controls_of, data, n_sets) - fixed) / n_sets
    print(f"\none random set, {n_drugs} drugs, {N_FOLDS} folds{'':4}{'CPU s':>9}{'times ours':>12}")
    print(f"{'cupromark':40}{ours:9.3f}{1:12.1f}")
    for name, make in (("Ridge a drug, one penalty", ridge), ("RidgeCV a drug", ridge_cv)):
        cost = cpu_seconds(fit_each_drug, data, peer_sets, make, runs=1) / peer_sets
        print(f"{name:40}{cost:9.3f}{cost / ours:12.1f}")


def ridge() -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(PENALTY)


def ridge_cv() -> Any:
    from sklearn.linear_model import RidgeCV

    from training.evidence.shared_ridge import PENALTIES

    return RidgeCV(PENALTIES)


def fit_each_drug(data: ControlData, n_sets: int, make: Callable[[], Any]) -> None:
    """Score the held-out lines of every set, fold and drug, one fit each."""
    import numpy as np
    from scipy.stats import rankdata

    from training.evidence.controls import ControlSettings, shared_folds
    from training.evidence.panel_features import FoldTables, PanelAlgebra
    from training.evidence.random_sets import draw_random_panels

    algebra, settings = PanelAlgebra.of_plan(data.plan), ControlSettings()
    panels = draw_random_panels(data.expression, algebra.panel, n_panels=n_sets, random_state=0)
    for fold in shared_folds(data.groups, n_folds=N_FOLDS, seed=0):
        tables = FoldTables.learn(
            data.expression,
            data.lineage,
            fold.train,
            lineage_minimum=settings.lineage_minimum,
            lineage_weight=settings.lineage_weight,
        )
        for genes in panels.replacements:
            features = np.hstack([algebra.features(tables.of(genes)), tables.lineage])
            for drug in range(len(data.drugs)):
                lines = fold.train[np.isfinite(data.response[fold.train, drug])]
                target = rankdata(-data.response[lines, drug])
                make().fit(features[lines], target).predict(features[fold.test])


def cpu_seconds(work: Callable[..., None], *given: Any, runs: int = N_RUNS) -> float:
    """CPU seconds, which other work on the machine hardly moves; the best of some runs."""
    costs = []
    for _ in range(runs):
        started = time.process_time()
        work(*given)
        costs.append(time.process_time() - started)
    return min(costs)


def show(counts: Sequence[int], costs: Sequence[float]) -> None:
    for at, (count, cost) in enumerate(zip(counts, costs, strict=True)):
        times = f"{cost / costs[at - 1]:.2f}" if at else ""
        print(f"{count:>12}{cost:9.2f}{1000 * cost / count:10.1f}{times:>22}")


def slope(counts: Sequence[int], costs: Sequence[float]) -> float:
    """Fit log cost to log count: 1 is linear, 2 quadratic."""
    import numpy as np

    return float(np.polyfit(np.log(counts), np.log(costs), 1)[0])


if __name__ == "__main__":
    main()
