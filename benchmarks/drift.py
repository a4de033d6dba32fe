"""Drift: what counting costs beside answering, and the figures on real data of docs/drift.md.

Run: python benchmarks/drift.py [--bundle FOLDER --data FOLDER]

The first part makes a bundle of 271 drugs and 150 genes at random. The second takes a bundle that
was trained on ccle-gdsc2 and a folder with ccle/CCLE_Expression_Entrez_2012-09-29.gct: it holds
cell lines that the bundle did not learn from against those that it did, as they are and changed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from answering import SCALE, draw_profiles, make_bundle
from threadpoolctl import threadpool_limits

from models.compiled import CompiledBundle
from models.drift.counting import Counter
from models.drift.report import Counted, report_of
from models.placement import SAME_PROFILE_DISTANCE

N_GENES, N_DRUGS = 150, 271
CHANGES: dict[str, Callable[[Any], Any]] = {
    "as they are": lambda values: values,
    "0.5 added": lambda values: values + 0.5,
    "times 0.9": lambda values: values * 0.9,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        measure_counting()
        if given.bundle is not None and given.data is not None:
            compare_real(given.bundle, given.data)


def measure_counting() -> None:
    profiles = draw_profiles(N_GENES).iloc[:, :N_GENES]
    bundle = make_bundle(profiles, N_DRUGS, None)
    compiled, random = CompiledBundle(bundle), np.random.default_rng(0)
    counter = Counter(Counter.of(bundle).reference, dict.fromkeys(compiled.drugs, 0.3))
    for n_profiles in (1, 64):
        answering, batch = [], []
        for _ in range(max(20, 1000 // n_profiles)):
            drawn = profiles.to_numpy()[:n_profiles] + 0.1 * random.normal(
                size=(n_profiles, N_GENES)
            )
            started = time.perf_counter()
            batch.append(compiled.predict(list(profiles.columns), drawn.clip(0.1), scale=SCALE))
            answering.append(time.perf_counter() - started)
        counting = []
        for _ in range(10):
            started = time.perf_counter()
            counter.count(batch, set())
            counting.append((time.perf_counter() - started) / len(batch))
        print(
            f"{n_profiles} profiles a request: "
            f"answering {statistics.median(answering) * 1e6:.0f} us,"
            f" counting {statistics.median(counting) * 1e6:.1f} us"
        )


def compare_real(folder: Path, data: Path) -> None:
    from features.reading import read_expression

    compiled = CompiledBundle.load(folder)
    counter = Counter.of(compiled.bundle)
    file = data / "ccle" / "CCLE_Expression_Entrez_2012-09-29.gct"
    values = read_expression(file, scale=SCALE).values

    def ask(rows: Any) -> Any:
        return compiled.predict(
            list(values.columns),
            np.ascontiguousarray(rows),
            scale=SCALE,
            drugs=compiled.drugs,
            is_log2=True,
        )

    placed = compiled.bundle.domain.place(ask(values.to_numpy()).panel_z)[1]  # type: ignore[union-attr]
    others = values[placed >= SAME_PROFILE_DISTANCE].to_numpy()
    for name, change in CHANGES.items():
        counts = counter.count([ask(change(others))], set())
        found = report_of(counter.reference, [Counted("open", date.min, counts)]).overall
        print(
            f"{found.n_profiles} other lines, {name}: {found.n_drifted} of {found.n_genes} genes, "
            f"median index {found.median_index:.2f}, {found.kind}, "
            f"{found.far_out.value:.0%} far out, {found.no_calls.value:.0%} no call"
        )


if __name__ == "__main__":
    main()
