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
from models.errors import BundleDamagedError, BundleError
from models.golden_answers import GoldenAnswers
from models.prediction import predict

TOLERANCE = 1e-6
CHILD_SECONDS = 60.0


def with_golden(bundle: Bundle, *, n_samples: int = 3, random_state: int = 0) -> Bundle:
    """Add golden answers on made-up profiles drawn around the reference.

    No profile of a person is kept in a bundle, and a made-up one exercises the same code.
    """
    profiles = _made_up_profiles(bundle, n_samples, random_state)
    lineages = bundle.features.lineages_
    lineage = {str(profiles.index[0]): lineages[0]} if lineages else {}
    scale = bundle.features.reference_.expression_scale
    golden = GoldenAnswers(profiles, scale, lineage, tuple(bundle.drugs), {})
    methods: tuple[AlignMethod, ...] = (
        ("none", "quantile") if bundle.features.reference_.has_quantiles else ("none",)
    )
    probability = {method: _answers(bundle, golden, method) for method in methods}
    return replace(bundle, golden=replace(golden, probability=probability))


def check_golden(bundle: Bundle) -> None:
    """Answer the golden profiles again.

    Raises
    ------
    BundleError
        The bundle holds no golden answers.
    BundleDamagedError
        A probability differs by more than 1e-6.
    """
    golden = bundle.golden
    if golden is None:
        raise BundleError(
            f"Bundle {bundle.name} holds no golden answers.",
            needed="golden profiles with their answers.",
            remedy="make the bundle with models.golden.with_golden.",
        )
    for method, expected in golden.probability.items():
        found = _answers(bundle, golden, method)
        gap = np.abs(found - expected).max(axis=0)
        if not (gap <= TOLERANCE).all():
            drug = golden.drugs[int(np.argmax(np.nan_to_num(gap, nan=np.inf)))]
            raise BundleDamagedError(
                f"Bundle {bundle.name} does not reproduce its golden answers: {drug} differs by "
                f"{np.max(gap):.3g}.",
                needed=f"the same probabilities to {TOLERANCE:g}.",
                remedy="do not serve it; go back to the last good version and train again.",
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


def _made_up_profiles(bundle: Bundle, n_samples: int, random_state: int) -> pd.DataFrame:
    reference = bundle.features.reference_
    random = np.random.default_rng(random_state)
    noise = random.standard_normal((n_samples, len(reference.genes)))
    values = (reference.location + reference.scale * noise).astype(np.float32)
    samples = [f"golden_{number}" for number in range(1, n_samples + 1)]
    return pd.DataFrame(values, index=samples, columns=list(reference.genes))


def _answers(bundle: Bundle, golden: GoldenAnswers, method: AlignMethod) -> NDArray[np.float64]:
    expression = _as_expression(golden.expression, golden.scale)
    answers = predict(bundle, expression, drugs=golden.drugs, align=method, lineage=golden.lineage)
    probability = answers.table["probability_sensitive"].to_numpy(dtype=np.float64)
    return probability.reshape(len(golden.expression), len(golden.drugs))


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
