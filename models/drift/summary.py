"""Drift of a group of profiles in a few numbers, and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from models.drift.around import Share, far_out, no_calls
from models.drift.counts import DriftCounts
from models.drift.genes import Drifts
from models.drift.verdict import MEANS, Kind, kind_of

# Share of the genes that must have drifted to speak of drift.
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Summary:
    """Drift of a group of profiles in a few numbers.

    Attributes
    ----------
    n_profiles, n_genes
        Profiles, and genes that any of them held.
    median_index
        Median population stability index over genes; None where no gene was measured.
    n_drifted, share_drifted
        Genes that have drifted.
    kind
        What it looks like on the whole.
    aligned
        Share of profiles that were aligned, being on another scale than the training cohort.
    gene_coverage
        Mean fraction of the gene panel that was there.
    far_out, no_calls
        Shares beyond the 90th domain percentile, and of answers without a call.
    """

    n_profiles: int
    n_genes: int
    median_index: float | None
    n_drifted: int
    share_drifted: float
    kind: Kind
    aligned: float | None
    gene_coverage: float | None
    far_out: Share
    no_calls: Share

    @property
    def has_drifted(self) -> bool:
        """Whether enough genes have drifted to speak of drift."""
        return self.kind != "none"

    @property
    def meaning(self) -> str:
        """What was found, in sentences."""
        if not self.n_profiles:
            return "Nothing was counted in these days."
        said = [MEANS[self.kind]]
        if self.kind == "none" and self.n_drifted:
            said = ["Some genes changed, and fewer than it takes to call it drift."]
        if self.far_out.is_more:
            said.append("More profiles than expected lie far from the training lines.")
        if self.no_calls.is_more:
            said.append("More answers than expected have no call.")
        return " ".join(said)

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON, with what it means."""
        content = asdict(self)
        for name in ("far_out", "no_calls"):
            content[name]["changed"] = getattr(self, name).changed
        return content | {"has_drifted": self.has_drifted, "meaning": self.meaning}


def summary_of(counts: DriftCounts, found: Drifts, *, least_share: float = LEAST_SHARE) -> Summary:
    """Put drift into a few numbers."""
    n = int(counts.n_profiles)
    return Summary(
        n_profiles=n,
        n_genes=len(found.places),
        median_index=found.median_index,
        n_drifted=found.n_drifted,
        share_drifted=found.share_drifted,
        kind=kind_of(found, least_share=least_share),
        aligned=counts.n_aligned / n if n else None,
        gene_coverage=counts.coverage / n if n else None,
        far_out=far_out(counts),
        no_calls=no_calls(counts),
    )
