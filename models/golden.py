"""Golden answers: what a bundle answered when it was made, to be reproduced wherever it is loaded.

`python -m models.golden FOLDER` checks a bundle in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.alignment import AlignMethod
from features.errors import CupromarkError
from features.expression import Expression, ReadingReport, Scale
from models.bundle import Bundle
from models.bundle_files import load_bundle
from models.errors import BundleDamagedError
from models.golden_answers import GoldenAnswers
from models.golden_check import Given, reproduce
from models.prediction import predict

CHILD_SECONDS = 60.0


def with_golden(bundle: Bundle, *, n_samples: int = 3, random_state: int = 0) -> Bundle:
    """Add golden answers on made-up profiles drawn around the reference.

    No profile of a person is kept in a bundle, and a made-up one exercises the same code.
    """
    values = _made_up_values(bundle, n_samples, random_state)
    samples = tuple(f"golden_{number}" for number in range(1, n_samples + 1))
    lineages = bundle.features.lineages_
    lineage = {samples[0]: lineages[0]} if lineages else {}
    scale = bundle.features.reference_.expression_scale
    genes = bundle.features.reference_.genes
    golden = GoldenAnswers(values, samples, genes, scale, lineage, tuple(bundle.drugs), {})
    methods: tuple[AlignMethod, ...] = (
        ("none", "quantile") if bundle.features.reference_.has_quantiles else ("none",)
    )
    answers = {method: _answers(bundle, golden, method) for method in methods}
    return replace(
        bundle,
        golden=replace(
            golden,
            probability={method: one.probability for method, one in answers.items()},
            domain_percentile={
                method: one.percentile for method, one in answers.items() if bundle.domain
            },
        ),
    )


def check_golden(bundle: Bundle) -> None:
    """Answer the golden profiles again.

    Raises
    ------
    BundleError
        The bundle holds no golden answers.
    BundleDamagedError
        A probability or a domain percentile differs by more than 1e-6.
    """
    reproduce(
        bundle.golden,
        lambda golden, method: _answers(bundle, golden, method),
        name=bundle.name,
    )


def check_golden_in_child(folder: Path, *, seconds: float = CHILD_SECONDS) -> None:
    """Verify, load and check a bundle in a child process, so that a crash stays there.

    Raises
    ------
    BundleDamagedError
        The child refused the bundle, crashed, or did not end in time.
    """
    packages = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH")]))
    try:
        child = subprocess.run(  # noqa: S603 - our own module, in this interpreter
            [sys.executable, "-m", "models.golden", str(Path(folder).resolve())],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(folder, f"did not answer within {seconds:g} s") from error
    if child.returncode < 0:
        raise _refused(folder, f"crashed the process (signal {-child.returncode})")
    if child.returncode:
        last_line = (child.stderr.strip().splitlines() or ["no message"])[-1]
        raise _refused(folder, f"was refused: {last_line}")


def main(arguments: list[str]) -> int:
    """Check the bundle in a folder; 0 when it is good, 2 with one line on stderr when not."""
    try:
        check_golden(load_bundle(Path(arguments[0])))
    except CupromarkError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _made_up_values(bundle: Bundle, n_samples: int, random_state: int) -> NDArray[np.float32]:
    reference = bundle.features.reference_
    random = np.random.default_rng(random_state)
    noise = random.standard_normal((n_samples, len(reference.genes)))
    values: NDArray[np.float32] = (reference.location + reference.scale * noise).astype(np.float32)
    return values


def _answers(bundle: Bundle, golden: GoldenAnswers, method: AlignMethod) -> Given:
    expression = _as_expression(golden.expression, golden.scale)
    answers = predict(bundle, expression, drugs=golden.drugs, align=method, lineage=golden.lineage)
    shape = (len(golden.samples), len(golden.drugs))
    probability, percentile = (
        answers.table[column].to_numpy(dtype=np.float64).reshape(shape)
        for column in ("probability_sensitive", "domain_percentile")
    )
    return Given(probability, percentile[:, 0])


def _as_expression(values: pd.DataFrame, scale: Scale) -> Expression:
    n_samples, n_genes = values.shape
    report = ReadingReport(
        format="golden",
        orientation="samples_by_genes",
        delimiter=None,
        id_type="symbol",
        n_samples=n_samples,
        n_ids=n_genes,
        n_genes=n_genes,
        steps=(),
    )
    return Expression(values, scale, "symbol", "golden profiles", report)


def _refused(folder: Path, what: str) -> BundleDamagedError:
    return BundleDamagedError(
        f"The bundle in {folder} {what}.",
        needed="a bundle that reproduces its golden answers.",
        remedy="keep the last good version, and fetch or train this one again.",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
