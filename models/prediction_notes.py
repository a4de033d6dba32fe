"""Sentences that go with answers: what was done to the profiles."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.alignment import AlignMethod
from features.coverage import GeneCoverage
from features.expression import Scale
from features.gene_values import named


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
    if not opposite.any():
        return ()
    return (
        f"{int(opposite.sum())} of {len(table)} labels name the less probable class: a label says "
        "which class cannot be ruled out among training samples of that class, whatever their "
        "share; a probability counts the share in.",
    )


def note_simulation(simulated: bool) -> tuple[str, ...]:
    """Say so when the bundle learned from made-up samples."""
    if not simulated:
        return ()
    return ("The bundle was trained on a simulated cohort: it says nothing about real samples.",)
