"""What the live shadow found about a champion and a challenger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.shadow.sums import CHANGES, DrugSums, PairSums


@dataclass(frozen=True, slots=True)
class ShadowSummary:
    """Sums of a pair of bundles, and by drug.

    Attributes
    ----------
    challenger_sha256, champion_sha256
        Of the bundles.
    challenger, champion
        Their versions, or names where they have none.
    first_at, last_at
        When the first and the last sums were stored.
    pair
        Sums over requests.
    drugs
        Drug -> sums over answers.
    """

    challenger_sha256: str
    champion_sha256: str
    challenger: str
    champion: str
    first_at: datetime
    last_at: datetime
    pair: PairSums
    drugs: dict[str, DrugSums]

    @property
    def n_answers(self) -> int:
        """Answers that both gave, over all drugs."""
        return sum(one.n for one in self.drugs.values())

    @property
    def n_missing(self) -> int:
        """Answers that the challenger did not give."""
        return sum(one.missing for one in self.drugs.values())

    @property
    def n_changed(self) -> int:
        """Answers with another label."""
        return sum(one.n_changed for one in self.drugs.values())

    @property
    def share_changed(self) -> float | None:
        """Share of the answers of both that have another label; None without any."""
        return self.n_changed / self.n_answers if self.n_answers else None

    @property
    def latency_ratio(self) -> float | None:
        """Processor time of the challenger's answers, over the champion's."""
        champion = self.pair.champion_seconds
        return self.pair.challenger_seconds / champion if champion > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Write it down, the drugs whose labels changed most first."""
        pair, n_given = self.pair, self.n_answers + self.n_missing
        drugs = sorted(self.drugs.items(), key=_most_changed)
        return {
            "challenger": {"version": self.challenger, "sha256": self.challenger_sha256},
            "champion": {"version": self.champion, "sha256": self.champion_sha256},
            "first_at": self.first_at.isoformat(timespec="seconds"),
            "last_at": self.last_at.isoformat(timespec="seconds"),
            "n_requests": pair.n_requests,
            "n_refused": pair.n_refused,
            "n_failed": pair.n_failed,
            "n_profiles": pair.n_profiles,
            "n_answers": self.n_answers,
            "n_missing": self.n_missing,
            "answered_share": _share(self.n_answers, n_given),
            "n_changed": self.n_changed,
            "share_changed": self.share_changed,
            "latency_ratio": self.latency_ratio,
            "champion_ms": _share(1e3 * pair.champion_seconds, pair.n_requests),
            "challenger_ms": _share(1e3 * pair.challenger_seconds, pair.n_requests),
            "champion_gene_coverage": _share(pair.champion_genes, pair.n_profiles),
            "challenger_gene_coverage": _share(pair.challenger_genes, pair.n_profiles),
            "changes": {
                name: sum(one.changes[place] for _, one in drugs)
                for place, name in enumerate(CHANGES)
            },
            "drugs": [_drug_json(name, one) for name, one in drugs],
        }


def _drug_json(drug: str, sums: DrugSums) -> dict[str, Any]:
    return {
        "drug": drug,
        "n": sums.n,
        "missing": sums.missing,
        "mean": sums.mean,
        "sd": sums.sd,
        "n_changed": sums.n_changed,
        "share_changed": _share(sums.n_changed, sums.n),
        "changes": dict(zip(CHANGES, sums.changes, strict=True)),
    }


def _most_changed(named: tuple[str, DrugSums]) -> tuple[float, float, str]:
    drug, sums = named
    return (-(sums.n_changed / sums.n if sums.n else 0.0), -abs(sums.mean or 0.0), drug)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
