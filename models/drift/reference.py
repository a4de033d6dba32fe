"""What profiles are held against: the training lines of a bundle, counted into bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.cards.figures import figure_at
from models.drift.errors import DriftError

if TYPE_CHECKING:
    from models.bundle import Bundle

FloatArray = NDArray[np.float64]

# The reference keeps 64 quantiles of a gene, so that every eighth holds as many of them.
N_BINS = 8
# The level at which the evidence cards say how many answers are no call.
LEVEL = 0.8
# Values that the training lines share, such as 0, must not fall on both sides of an edge.
ROUNDING = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class DriftReference:
    """The training lines of a bundle in bins that each hold about an eighth of them.

    Attributes
    ----------
    bundle_sha256, name, cohort
        Of the bundle.
    genes
        The gene panel; none where the bundle keeps no gene among its features.
    edges
        (n_genes, 7) float32, ascending z values: a value is in bin k where k edges lie below it.
    counts
        (n_genes, 8) training lines in each bin.
    n_lines
        Training lines.
    """

    bundle_sha256: str
    name: str
    cohort: str
    genes: tuple[str, ...]
    edges: NDArray[np.float32]
    counts: FloatArray
    n_lines: int

    @classmethod
    def of(cls, bundle: Bundle, *, sha256: str | None = None) -> DriftReference:
        """Count the training lines of a bundle; of its quantiles where it does not keep them."""
        points = _training_z(bundle)
        levels = np.arange(1, N_BINS) / N_BINS
        # Hazen: as many lines on either side of an edge as its level says.
        edges = np.empty((0, N_BINS - 1), dtype=np.float32)
        if points.size:
            edges = np.quantile(points, levels, axis=0, method="hazen").T + np.float32(ROUNDING)
        n_lines = bundle.features.reference_.n_samples
        lines = bin_counts(points, edges).astype(np.float64)
        return cls(
            bundle_sha256=sha256 or bundle.sha256,
            name=bundle.name,
            cohort=bundle.cohort,
            genes=tuple(bundle.features.gene_panel_) if points.size else (),
            edges=edges.astype(np.float32),
            counts=lines * (n_lines / max(len(points), 1)),
            n_lines=n_lines,
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON; `from_json` restores it."""
        return {
            "bundle_sha256": self.bundle_sha256,
            "name": self.name,
            "cohort": self.cohort,
            "genes": list(self.genes),
            "edges": self.edges.astype(np.float64).tolist(),
            "counts": self.counts.tolist(),
            "n_lines": self.n_lines,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> DriftReference:
        """Restore what `to_json` gave; DriftError where its parts do not fit together."""
        try:
            n_genes = len(content["genes"])
            return cls(
                bundle_sha256=str(content["bundle_sha256"]),
                name=str(content["name"]),
                cohort=str(content["cohort"]),
                genes=tuple(map(str, content["genes"])),
                edges=np.array(content["edges"], np.float32).reshape(n_genes, N_BINS - 1),
                counts=np.array(content["counts"], np.float64).reshape(n_genes, N_BINS),
                n_lines=int(content["n_lines"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DriftError(
                f"The stored reference of drift lacks a part or holds a wrong one ({error!r}).",
                needed="what DriftReference.to_json gave.",
                remedy="delete its row in the table drift_references: a service writes it anew.",
            ) from error


def bin_counts(z: NDArray[np.floating[Any]], edges: NDArray[np.float32]) -> NDArray[np.int64]:
    """Count (n, n_genes) z values into bins.

    Returns
    -------
    ndarray
        (n_genes, 8) whole numbers, of which each gene has n.
    """
    values = z.astype(np.float32, copy=False)
    above = np.empty((len(edges), N_BINS + 1), dtype=np.int64)
    above[:, 0], above[:, N_BINS] = len(values), 0
    for at in range(N_BINS - 1):
        above[:, at + 1] = np.count_nonzero(values > edges[:, at], axis=0)
    return above[:, :-1] - above[:, 1:]


def expected_no_calls(bundle: Bundle) -> dict[str, float]:
    """Drug -> share of no calls among held-out lines at level 0.8, for drugs whose card says it."""
    found = {}
    for name, model in bundle.drugs.items():
        both, none = (
            figure_at(model.evidence_card, "coverage", str(LEVEL), share)
            for share in ("no_call_share", "empty_share")
        )
        if both.value is not None and none.value is not None:
            found[name] = both.value + none.value
    return found


def _training_z(bundle: Bundle) -> NDArray[np.float32]:
    """(n_points, n_genes) z values of the gene panel: of all lines, or 64 quantiles of them."""
    if bundle.domain is not None:
        return bundle.domain.features
    features = bundle.features
    reference, panel = features.reference_, features.gene_panel_
    if "genes" not in features.levels or not reference.has_quantiles:
        return np.empty((0, 0), dtype=np.float32)
    places = reference.positions(panel)
    quantiles = reference.quantiles[places].T.astype(np.float64)
    return reference.z(quantiles, places).astype(np.float32)
