"""The sentence of a finding: what is associated with what, never what causes what."""

from __future__ import annotations

from serving.reviews.contradictions import Contradiction
from serving.reviews.entry_weights import EntryWeight
from serving.reviews.expectations import Expectation


def weighty(drug: str, one: EntryWeight) -> str:
    """Say how much a gene or set weighs, and which way it leans."""
    what = f"the gene set {one.name}" if one.of == "set" else one.name
    weight = f"number {one.rank} of its {'sets' if one.of == 'set' else 'genes'} by weight"
    if one.mean_size is not None:
        weight += f", {one.share:.1%} of the mean attribution"
    if one.direction is None:
        return f"{drug}: {what} is {weight}; its direction depends on the line."
    lean = f"higher expression of {what} is associated with {one.direction}"
    return f"{drug}: in the classifier, {lean} ({weight})."


def surprising(drug: str, one: EntryWeight, expected: Expectation) -> str:
    """Say that the classifier leans against the curated direction."""
    said = weighty(drug, one).removesuffix(".")
    where = f" ({expected.context})" if expected.context else ""
    return f"{said}, where its sources expect {expected.direction}{where}."


def contradicted(drug: str, subject: str, one: Contradiction) -> str:
    """Say what speaks against the claims about a subject."""
    parts = []
    if one.by_cohort:
        count = _claims(len(one.by_cohort))
        parts.append(f"the cohort shows, within lineages, the opposite of {count}")
    if one.by_classifier:
        count = _claims(len(one.by_classifier))
        lean = f"higher expression is associated with {one.direction}"
        parts.append(f"the classifier, in which {lean}, leans against {count}")
    return f"{drug}: {' and '.join(parts)} about {subject}."


def unstable(drug: str, panel: float, random: float) -> str:
    """Say that the ranking of genes is no better than that of random gene sets."""
    return (
        f"{drug}: learned from other lines, the ranking of genes agrees with itself no better "
        f"than that of random gene sets ({panel:.2f} against {random:.2f})."
    )


def _claims(count: int) -> str:
    return "a claim" if count == 1 else f"{count} claims"
