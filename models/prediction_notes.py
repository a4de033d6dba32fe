"""Sentences that go with answers: what was done to the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from features.alignment import AlignMethod
from features.coverage import GeneCoverage
from features.expression import Scale
from features.gene_values import named

if TYPE_CHECKING:
    import pandas as pd

Alignment = Literal["auto", "none", "quantile", "rank"]

UNKNOWN_LINEAGE = "unknown: training mean"
LINEAGE_NOT_USED = "not used"
FAR_OFF_PERCENTILE = 95.0


def note_alignment(method: AlignMethod, *, asked: bool, scale: Scale, bundle_scale: Scale) -> str:
    """Say how profiles came to the scale of the bundle, and why."""
    done = "not aligned" if method == "none" else f"aligned to the training cohort by {method}"
    if asked:
        return f"The profiles ({scale}) were {done} as asked; the bundle is on {bundle_scale}."
    if method == "none":
        return f"The profiles were {done}: they are on the bundle's scale, {bundle_scale}."
    return f"The profiles were {done}: they are on {scale}, the bundle is on {bundle_scale}."


def note_coverage(coverage: GeneCoverage) -> tuple[str, ...]:
    """Say which genes of the panel were missing, if any."""
    if not coverage.missing:
        return ()
    n_panel = len(coverage.matched) + len(coverage.missing)
    return (
        f"{len(coverage.missing)} of {n_panel} genes of the panel were missing "
        f"({named(coverage.missing)}); their training mean stands in for them.",
    )


def note_lineage(
    unknown: Sequence[str], n_samples: int, *, given: Sequence[str] = (), known: Sequence[str] = ()
) -> tuple[str, ...]:
    """Say for which samples the lineage is not known, if any.

    Parameters
    ----------
    unknown
        Samples without a lineage that the bundle knows.
    given
        Lineages that were given for them.
    known
        Lineages of the training cohort.
    """
    if not unknown:
        return ()
    strange = (
        (f"The training cohort knows no {', '.join(given)}, only {', '.join(known)}.",)
        if given
        else ()
    )
    if len(unknown) == n_samples:
        return (
            *strange,
            "No sample has a lineage that the training cohort knows; each stands at the training "
            "mean. Give it, where you know it: probabilities are better with it.",
        )
    return (
        *strange,
        f"The lineage of {len(unknown)} of {n_samples} samples was not given, or is not among "
        f"those of the training cohort ({named(unknown)}); it stands at the training mean.",
    )


def note_opposite_labels(table: pd.DataFrame) -> tuple[str, ...]:
    """Say so where a label is not the more probable class."""
    more_probable = table["probability_sensitive"] > 0.5
    opposite = (table["label"] == "resistant") & more_probable
    opposite |= (table["label"] == "sensitive") & ~more_probable
    return note_n_opposite(int(opposite.sum()), len(table))


def note_n_opposite(n_opposite: int, n_labels: int) -> tuple[str, ...]:
    """Say how many labels are not the more probable class, if any."""
    if not n_opposite:
        return ()
    return (
        f"{n_opposite} of {n_labels} labels name the less probable class: a label says "
        "which class cannot be ruled out among training samples of that class, whatever their "
        "share; a probability counts the share in.",
    )


def note_domain(samples: Sequence[str], percentile: NDArray[np.float64]) -> tuple[str, ...]:
    """Say which profiles are farther from the training lines than nearly all of these.

    Parameters
    ----------
    samples
        (n,) ids.
    percentile
        (n,) domain percentiles, 0 to 100; NaN where the bundle cannot give them.
    """
    pairs = zip(samples, percentile.tolist(), strict=True)
    far = [sample for sample, one in pairs if one > FAR_OFF_PERCENTILE]
    if not far:
        return ()
    return (
        f"{len(far)} of {len(samples)} profiles are less like the training lines than "
        f"{FAR_OFF_PERCENTILE:g}% of these lines are like one another ({named(far)}): figures in "
        "the evidence card may not hold for them.",
    )


def note_training_lines(samples: Sequence[str]) -> tuple[str, ...]:
    """Say which profiles are those of training lines, by id or by expression."""
    if not samples:
        return ()
    return (
        f"{len(samples)} profiles are those of training lines ({named(samples)}): the answer is "
        "not held out, and looks better than one for a new sample.",
    )


def note_simulation(simulated: bool) -> tuple[str, ...]:
    """Say so when the bundle learned from made-up samples."""
    if not simulated:
        return ()
    return ("The bundle was trained on a simulated cohort: it says nothing about real samples.",)
