"""Training many drugs: time, CPU time and peak memory of `cupromark train`, beside plain RidgeCV.

Run: python benchmarks/train_all_drugs.py [--drugs 12 | --all] [--cohort ccle-gdsc2] [--jobs N]
Goal on two cores: all 271 drugs of ccle-gdsc2 in under 15 minutes and 4 GB.

The peer is what a script would do: for each drug, scale the panel genes and the lineage columns,
choose a ridge penalty on the rank of the response (RidgeCV, five inner folds) and cross-validate
with as many outer folds and seeds, in one process. It chooses nothing among families, calibrates
nothing, makes no intervals and stores nothing, so the ratio says what all that costs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.cohort import Cohort, Response

ROOT = Path(__file__).resolve().parents[1]
N_FOLDS, N_SEEDS, N_INNER_FOLDS = 5, 3, 5
PENALTIES = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took; memory is the sum over its processes at the worst moment."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohort", default="ccle-gdsc2")
    parser.add_argument("--drugs", type=int, default=12, help="so many, evenly spaced by name")
    parser.add_argument("--all", action="store_true", help="every drug with enough lines")
    parser.add_argument("--peer-drugs", type=int, default=4, help="drugs of the peer")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    cohort = load(given.cohort)
    every = drugs_of(cohort)
    chosen = every if given.all else evenly_spaced(every, given.drugs)
    print(f"{given.cohort}: {len(chosen)} of {len(every)} drugs, {given.jobs} processes")
    few = evenly_spaced(chosen, given.jobs)
    start, _ = train(given.cohort, ",".join(few), given.jobs)
    asked = "all" if given.all else ",".join(chosen)
    cost, mean_roc_auc = train(given.cohort, asked, given.jobs)
    n_more = max(1, len(chosen) - len(few))
    a_drug = (cost.seconds - start.seconds) / n_more
    cpu_a_drug = (cost.cpu_seconds - start.cpu_seconds) / n_more
    peer_drugs = evenly_spaced(chosen, given.peer_drugs)
    peer_cpu_a_drug = train_peer(cohort, peer_drugs) / len(peer_drugs)
    print(f"{'':28}{'seconds':>9}{'CPU s':>8}{'peak MB':>9}{'s a drug':>10}{'CPU s a drug':>14}")
    for drugs, one in ((few, start), (chosen, cost)):
        name = f"cupromark train, {len(drugs)} drugs"
        print(f"{name:28}{one.seconds:9.1f}{one.cpu_seconds:8.1f}{one.peak_mb:9,.0f}")
    print(f"{'each drug more':28}{'':26}{a_drug:10.2f}{cpu_a_drug:14.2f}")
    print(f"{'RidgeCV alone, one process':28}{'':36}{peer_cpu_a_drug:14.2f}")
    print(f"ratio of a drug's CPU seconds to the peer's: {cpu_a_drug / peer_cpu_a_drug:.1f}")
    if not given.all:
        cpu = cost.cpu_seconds + cpu_a_drug * (len(every) - len(chosen))
        minutes = cpu / given.jobs / 60
        print(
            f"all {len(every)} drugs, by CPU seconds on {given.jobs} free cores: {minutes:.1f} min"
        )
    print(f"mean_roc_auc of these drugs on unseen lines: {mean_roc_auc:.3f}")


def load(name: str) -> Cohort:
    from training.cohort import load_cohort
    from training.files import FileSettings, FileSource

    return load_cohort(name, files=FileSource(FileSettings.from_environment()))


def drugs_of(cohort: Cohort) -> list[str]:
    from training.settings import TrainingSettings, choose_training_drugs

    return choose_training_drugs(response_of(cohort), TrainingSettings())


def response_of(cohort: Cohort) -> Response:
    if cohort.response is None:
        sys.exit(f"{cohort.name} holds no response: name another cohort.")
    return cohort.response


def evenly_spaced(names: Sequence[str], count: int) -> list[str]:
    """Pick so many names, leaving out those with a comma: it parts names on the command line."""
    plain = [name for name in names if "," not in name]
    count = min(count, len(plain))
    return [plain[number * len(plain) // count] for number in range(count)]


def train(cohort: str, drugs: str, jobs: int) -> tuple[Cost, float]:
    """Run the command as a user would, into a store that is thrown away."""
    with tempfile.TemporaryDirectory() as store:
        cupromark = str(Path(sys.executable).with_name("cupromark"))
        command = [cupromark, "train", "--cohort", cohort, "--drugs", drugs, "--json"]
        cost, answer = watched([*command, "--jobs", str(jobs), "--store", store])
    return cost, float(json.loads(answer)["mean_roc_auc"])


def watched(command: Sequence[str]) -> tuple[Cost, str]:
    """Run a command and add up the memory of it and its children all the while."""
    started, cpu_before = time.perf_counter(), cpu_of_children()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        peaks = [0.0]
        watcher = threading.Thread(target=watch, args=(process, peaks), daemon=True)
        watcher.start()
        answer, _ = process.communicate()
        watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {answer[:500]}")
    seconds = time.perf_counter() - started
    return Cost(seconds, cpu_of_children() - cpu_before, max(peaks)), answer


def cpu_of_children() -> float:
    """CPU seconds of all processes that have ended; unlike seconds, hardly moved by other work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    while process.poll() is None:
        peaks.append(sum(map(resident_mb, family_of(process.pid))))
        time.sleep(POLL_SECONDS)


def family_of(pid: int) -> list[int]:
    """List a process and all that it started, on Linux."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family = [pid]
    for member in family:  # grows while it is walked
        family += parents.get(member, [])
    return family


def resident_mb(pid: int) -> float:
    """Memory of a process, pages shared with others counted in part (PSS)."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    kilobytes = next((line.split()[1] for line in rollup.splitlines() if "Pss:" in line), "0")
    return int(kilobytes) / 1024


def train_peer(cohort: Cohort, drugs: Sequence[str]) -> float:
    """CPU seconds of the plain way over these drugs, in this process on one thread."""
    import numpy as np
    import pandas as pd
    from scipy.stats import rankdata
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    from features.gene_sets import load_gene_sets

    held = [g for g in load_gene_sets().gene_panel if g in cohort.expression.values.columns]
    lineage = pd.get_dummies(cohort.lineage).to_numpy(dtype=float)
    features = np.hstack([cohort.expression.values[held].to_numpy(dtype=float), lineage])
    groups = cohort.split_group.to_numpy(dtype=str)
    started = time.process_time()
    with threadpool_limits(limits=1):
        for drug in drugs:
            response = response_of(cohort).values[drug].to_numpy(dtype=float)
            there = np.flatnonzero(np.isfinite(response))
            x, ranks, of = features[there], rankdata(response[there]), groups[there]
            is_sensitive = ranks <= len(ranks) / 3
            for seed in range(N_SEEDS):
                folds = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
                for fit, test in folds.split(x, is_sensitive, of):
                    ridge = make_pipeline(StandardScaler(), RidgeCV(PENALTIES, cv=N_INNER_FOLDS))
                    ridge.fit(x[fit], -ranks[fit])
                    roc_auc_score(is_sensitive[test], ridge.predict(x[test]))
    return time.process_time() - started


if __name__ == "__main__":
    main()
