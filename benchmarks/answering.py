"""Answers and explanations of a compiled bundle, in process, beside two peers.

Run: python benchmarks/answering.py [--drugs 271] [--genes 150] [--repeats 30] [--without-trees]

Two bundles are made in the run, of the same cohort at random and with every drug: one with linear
scores, one with boosted trees (300 of depth 4 a drug, few distinct boosters, copied). Peers: the
tables of `models.prediction.predict`, and one XGBoost booster a drug asked in a loop
(`inplace_predict`; `pred_contribs` for explanations), which aligns nothing, checks nothing, and
makes no conformal set. Then a process of its own loads the linear bundle and says how long that
took, and what it holds in memory.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.compiled import CompiledBundle

Array = np.ndarray[Any, Any]
Ask = Callable[[], object]
SCALE = "rma_log2"
N_LINES, N_OTHER_GENES, N_TISSUES = 234, 850, 20
N_TREES, DEPTH, N_DISTINCT = 300, 4, 6
CHILD = """
import sys, time
from pathlib import Path
started = time.perf_counter()
from models.compiled import CompiledBundle
imported = time.perf_counter()
compiled = CompiledBundle.load(Path(sys.argv[1]))
import numpy as np
genes = list(compiled.gene_panel)
compiled.predict(genes, [np.linspace(4, 9, len(genes))], scale="rma_log2")
done = time.perf_counter()
held = [line for line in open("/proc/self/status") if line.startswith("VmRSS")][0].split()[1]
print(f"import {imported - started:.2f} s, load and first answer {done - imported:.2f} s, "
      f"resident {int(held) / 1024:.0f} MB")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drugs", type=int, default=271)
    parser.add_argument("--genes", type=int, default=150)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--without-trees", action="store_true")
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        profiles = draw_profiles(given.genes)
        panel = profiles.iloc[:, : given.genes].to_numpy()
        boosters = [grow(panel, seed) for seed in range(N_DISTINCT)]
        peers = [boosters[at % N_DISTINCT].copy() for at in range(given.drugs)]
        print(f"{given.drugs} drugs, {given.genes} genes, one thread; medians in ms")
        heads = ("scores", "question", "profiles", "drugs", "compiled", "tables", "xgboost")
        print("{:8}{:10}{:>9}{:>7}{:>11}{:>9}{:>9}  ratios".format(*heads))
        kinds = ["linear"] if given.without_trees else ["linear", "trees"]
        for kind in kinds:
            bundle = make_bundle(profiles, given.drugs, boosters if kind == "trees" else None)
            compare(kind, bundle, peers, panel, given.repeats)
            if kind == "linear":
                linear = bundle
    measure_loading(linear)


def compare(kind: str, bundle: Bundle, peers: list[Any], panel: Array, repeats: int) -> None:
    from models.compiled import CompiledBundle

    compiled = CompiledBundle(bundle)
    for n_profiles in (1, 64):
        for names in (compiled.drugs[:1], compiled.drugs):
            rows = panel[:n_profiles]
            ours = median_ms(predicting(compiled, rows, names), repeats)
            tables = median_ms(by_tables(bundle, rows, names), max(3, repeats // 5))
            loop = median_ms(in_a_loop(peers[: len(names)], rows), max(3, repeats // 5))
            show(kind, "predict", n_profiles, len(names), ours, tables, loop)
    for names in (compiled.drugs[:1], compiled.drugs):
        ours = median_ms(explaining(compiled, panel[:1], names), repeats)
        loop = median_ms(contributions(peers[: len(names)], panel[:1]), max(3, repeats // 5))
        show(kind, "explain", 1, len(names), ours, None, loop)


def show(
    kind: str, question: str, n: int, d: int, ours: float, tables: float | None, loop: float
) -> None:
    among = f"{'-':>9}" if tables is None else f"{tables:9.2f}"
    ratios = [] if tables is None else [f"{tables / ours:.0f}x tables"]
    ratios.append(f"{loop / ours:.1f}x xgboost")
    print(f"{kind:8}{question:10}{n:9}{d:7}{ours:11.3f}{among}{loop:9.2f}  {', '.join(ratios)}")


def draw_profiles(n_panel: int) -> pd.DataFrame:
    from features.gene_sets import load_gene_sets

    random = np.random.default_rng(0)
    genes = [*load_gene_sets().gene_panel[:n_panel], *(f"GENE{n}" for n in range(N_OTHER_GENES))]
    spread = random.uniform(0.5, 2, len(genes))
    values = 6 + random.normal(size=(N_LINES, len(genes))) * spread
    return pd.DataFrame(values, [f"line {n}" for n in range(N_LINES)], genes, dtype=np.float32)


def grow(panel: Array, seed: int) -> Any:
    import xgboost

    random = np.random.default_rng(seed)
    label = panel[:, seed] + 3 * random.normal(size=len(panel)) > 7
    settings = {"objective": "binary:logistic", "max_depth": DEPTH, "nthread": 1, "eta": 0.05}
    return xgboost.train(settings, xgboost.DMatrix(panel, label.astype(float)), N_TREES)


def make_bundle(profiles: pd.DataFrame, n_drugs: int, boosters: list[Any] | None) -> Bundle:
    """Scores at random, but calibrated; trees read the gene columns, which come first."""
    from features.gene_sets import load_gene_sets
    from features.lineage import LINEAGE_COLUMN
    from features.symbols import SymbolTable
    from features.transformer import GeneSetFeatures
    from models.bundle import Bundle
    from models.domain import DomainReference

    tissue = np.array([f"tissue {n % N_TISSUES}" for n in range(len(profiles))], dtype=object)
    features = GeneSetFeatures(load_gene_sets(), expression_scale=SCALE)
    samples = profiles.assign(**{LINEAGE_COLUMN: tissue})
    matrix = features.fit(samples).transform(samples)
    scores = make_scores(matrix, n_drugs, boosters)
    n_panel = len(features.gene_panel_)
    return Bundle(
        features=features,
        gene_sets=features.gene_sets,
        symbols=SymbolTable.panel(),
        drugs={f"drug {at}": make_drug(f"drug {at}", one, matrix) for at, one in enumerate(scores)},
        provenance={"cohort": "at random", "simulated": True},
        minimum_gene_coverage=0.8,
        domain=DomainReference.fit(matrix[:, :n_panel], list(profiles.index), tissue),
        background=matrix.mean(axis=0),
    )


def make_scores(matrix: Array, n_drugs: int, boosters: list[Any] | None) -> list[Any]:
    from models.linear import LinearScore
    from models.trees import FlatTrees

    if boosters is not None:
        grown = [grow(matrix, seed) for seed in range(N_DISTINCT)]
        trees = [FlatTrees.from_booster(booster, check_on=matrix) for booster in grown]
        return [trees[at % N_DISTINCT] for at in range(n_drugs)]
    random = np.random.default_rng(1)
    return [LinearScore(random.normal(size=matrix.shape[1]) / 20, 0.1) for _ in range(n_drugs)]


def make_drug(name: str, score: Any, matrix: Array) -> Any:
    from models.calibration import fit_sigmoid
    from models.conformal import ClassConditionalConformal
    from models.drug_model import DrugModel

    is_linear = hasattr(score, "coefficients")
    scores = score.score(matrix) if is_linear else score.margin(matrix)
    is_sensitive = scores + np.random.default_rng(2).normal(size=len(scores)) > np.median(scores)
    calibration = fit_sigmoid(scores, is_sensitive)
    probability = calibration.probability(scores)
    return DrugModel(
        drug=name,
        estimator="at random",
        parameters={},
        linear=score if is_linear else None,
        trees=None if is_linear else score,
        calibration=calibration,
        conformal=ClassConditionalConformal.from_probabilities(probability, is_sensitive),
        label_card={},
        evidence_card={},
        status="exploratory",
    )


def predicting(compiled: CompiledBundle, rows: Array, names: tuple[str, ...]) -> Ask:
    genes = list(compiled.gene_panel)
    return lambda: compiled.predict(genes, rows, scale=SCALE, drugs=names)


def explaining(compiled: CompiledBundle, rows: Array, names: tuple[str, ...]) -> Ask:
    genes = list(compiled.gene_panel)
    return lambda: compiled.explain(genes, rows, scale=SCALE, drugs=names)


def by_tables(bundle: Bundle, rows: Array, names: tuple[str, ...]) -> Ask:
    from models.prediction import predict
    from models.profile_tables import expression_of

    table = pd.DataFrame(rows, columns=list(bundle.features.gene_panel_))

    def ask() -> object:
        read = expression_of(table, scale=SCALE, symbols=bundle.symbols)
        return predict(bundle, read, drugs=names)

    return ask


def in_a_loop(peers: list[Any], rows: Array) -> Ask:
    return lambda: [booster.inplace_predict(rows) for booster in peers]


def contributions(peers: list[Any], rows: Array) -> Ask:
    import xgboost

    def ask() -> object:
        matrix = xgboost.DMatrix(rows)
        return [booster.predict(matrix, pred_contribs=True) for booster in peers]

    return ask


def median_ms(ask: Ask, repeats: int) -> float:
    ask()  # the first call imports, allocates, and fills caches
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        times.append(1_000 * (time.perf_counter() - started))
    return statistics.median(times)


def measure_loading(bundle: Bundle) -> None:
    from models.bundle_files import write_bundle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle"
        write_bundle(bundle, path)
        print("a process of its own, linear scores:", end=" ", flush=True)
        subprocess.run([sys.executable, "-c", CHILD, str(path)], check=True)


if __name__ == "__main__":
    main()
