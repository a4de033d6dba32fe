"""What there is to say about a bundle before any profile is seen."""

from __future__ import annotations

from typing import Any

from features.expression import Scale
from models.bundle import Bundle


class BundleFacts:
    """A bundle's name, origin and contents.

    Attributes
    ----------
    bundle
        The bundle itself, with the cards of its drugs.
    drugs, statuses
        Names and statuses of all drugs, in its order.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.drugs: tuple[str, ...] = tuple(bundle.drugs)
        self.statuses: tuple[str, ...] = tuple(model.status for model in bundle.drugs.values())

    @property
    def name(self) -> str:
        """What answers call it."""
        return self.bundle.name

    @property
    def version(self) -> str | None:
        """Version in the registry; None for a bundle that is not registered."""
        return self.bundle.version

    @property
    def sha256(self) -> str:
        """Hash of the content on disk; empty for a bundle that was never written."""
        return self.bundle.sha256

    @property
    def cohort(self) -> str:
        """Name of the training cohort."""
        return self.bundle.cohort

    @property
    def simulated(self) -> bool:
        """Whether the training cohort was simulated."""
        return self.bundle.simulated

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the bundle came from (JSON)."""
        return self.bundle.provenance

    @property
    def expression_scale(self) -> Scale:
        """Scale of the training cohort: profiles on it are not aligned."""
        return self.bundle.features.reference_.expression_scale

    @property
    def lineages(self) -> tuple[str, ...]:
        """Lineages that it knows; empty where lineage is not used."""
        return self.bundle.features.lineages_

    @property
    def gene_panel(self) -> tuple[str, ...]:
        """Genes of all sets that the training cohort held, sorted."""
        return self.bundle.features.gene_panel_

    @property
    def can_explain(self) -> bool:
        """Whether the bundle keeps what attributions need; one of format 1 does not."""
        models = self.bundle.drugs.values()
        covered = all(model.trees.cover is not None for model in models if model.trees is not None)
        linear = any(model.linear is not None for model in models)
        return covered and not (linear and self.bundle.background is None)

    @property
    def minimum_gene_coverage(self) -> float:
        """Fraction of the gene panel below which profiles are refused."""
        return self.bundle.minimum_gene_coverage
