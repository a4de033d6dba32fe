"""How long a bundle takes to answer, beside another one in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.bundle import Bundle
from models.compiled import CompiledBundle

REPEATS = 30
WARM_UP = 3


@dataclass(frozen=True, slots=True)
class MeasuredLatency:
    """Medians of one answer about one profile.

    Attributes
    ----------
    challenger_ms
        For every drug that both hold; of all its drugs where there is no champion.
    champion_ms
        For the same drugs; None where there is no champion.
    n_drugs
        How many drugs that was.
    """

    challenger_ms: float
    champion_ms: float | None
    n_drugs: int


def measure_latency(
    challenger: Bundle,
    champion: Bundle | None,
    *,
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.perf_counter,
) -> MeasuredLatency | None:
    """Ask both in turn, as the service does; None where they share no drug.

    Parameters
    ----------
    repeats
        Questions to each. They take turns, so that a busy moment slows both.
    clock
        Seconds, for tests.
    """
    drugs = [drug for drug in challenger.drugs if champion is None or drug in champion.drugs]
    if not drugs:
        return None
    bundles = [challenger] if champion is None else [challenger, champion]
    asking = [_question(bundle, drugs) for bundle in bundles]
    seconds: list[list[float]] = [[] for _ in asking]
    for turn in range(WARM_UP + repeats):
        for ask, taken in zip(asking, seconds, strict=True):
            began = clock()
            ask()
            passed = clock() - began
            if turn >= WARM_UP:
                taken.append(passed)
    medians = [1000 * statistics.median(taken) for taken in seconds]
    return MeasuredLatency(medians[0], medians[1] if champion else None, len(drugs))


def _question(bundle: Bundle, drugs: Sequence[str]) -> Callable[[], object]:
    """Ask about one made-up profile: the reference's own middle."""
    compiled = CompiledBundle(bundle)
    reference = bundle.features.reference_
    genes, values = list(reference.genes), np.asarray(reference.location)[None, :]
    scale = reference.expression_scale
    return lambda: compiled.predict(genes, values, scale=scale, drugs=drugs, is_log2=True)
