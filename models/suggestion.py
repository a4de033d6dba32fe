"""Which other registered bundle would take a file that one refused."""

from __future__ import annotations

from collections.abc import Iterator

from features.coverage import gene_coverage
from features.errors import CoverageError
from features.expression import Expression
from models.bundle import Bundle
from models.store import BundleStore, StoredBundle

MOST_LOOKED_AT = 20


def suggest_bundle(
    error: CoverageError, expression: Expression, refused: Bundle, store: BundleStore
) -> CoverageError:
    """Add to a refusal which registered bundle holds enough of the file's genes.

    Parameters
    ----------
    error
        The refusal.
    expression
        The profiles that were refused.
    refused
        The bundle that refused them.

    Returns
    -------
    CoverageError
        The same refusal; its remedy names the newest bundle that would answer, if there is one.
    """
    for stored, fraction in _accepting(expression, refused, store):
        remedy = (
            f"ask version {stored.version} (trained on {stored.tags.get('cohort', 'unknown')}), "
            f"which would answer: this file holds {fraction:.0%} of its genes. "
            f"Add --bundle {stored.version}."
        )
        return CoverageError(error.found, needed=error.needed, remedy=remedy)
    return error


def _accepting(
    expression: Expression, refused: Bundle, store: BundleStore
) -> Iterator[tuple[StoredBundle, float]]:
    for stored in store.list()[:MOST_LOOKED_AT]:
        if stored.version == refused.version:
            continue
        other = store.load(stored.version)
        fraction = gene_coverage(expression.values, other.features.required_genes_).fraction
        if fraction >= other.minimum_gene_coverage:
            yield stored, fraction
