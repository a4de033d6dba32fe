"""Everything there is to say about drift, from the counts of days and callers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from models.drift.counts import DriftCounts
from models.drift.genes import GeneDrift, drifts
from models.drift.reference import DriftReference
from models.drift.summary import LEAST_SHARE, Summary, summary_of


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The counts of one caller on one day.

    Attributes
    ----------
    caller
        Identifier of an API key, or `open`.
    day
        In UTC.
    """

    caller: str
    day: date
    counts: DriftCounts


@dataclass(frozen=True, slots=True, eq=False)
class DriftReport:
    """Drift of some callers and days against the bundle.

    Attributes
    ----------
    reference
        What they are held against.
    overall
        Of all of them together.
    genes
        The most changed first.
    by_domain
        (10,) profiles by tenth of the domain percentile.
    by_caller, by_day
        Of each caller, those with most profiles first, and of each day, oldest first.
    """

    reference: DriftReference
    overall: Summary
    genes: list[GeneDrift]
    by_domain: tuple[int, ...]
    by_caller: list[tuple[str, Summary]]
    by_day: list[tuple[date, Summary]]

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        reference = self.reference
        return {
            "bundle": {
                "name": reference.name,
                "sha256": reference.bundle_sha256,
                "cohort": reference.cohort,
                "n_lines": reference.n_lines,
            },
            "overall": self.overall.to_json(),
            "genes": [asdict(gene) for gene in self.genes],
            "domain": list(self.by_domain),
            "callers": [{"caller": name, **one.to_json()} for name, one in self.by_caller],
            "days": [{"day": day.isoformat(), **one.to_json()} for day, one in self.by_day],
        }


def report_of(
    reference: DriftReference,
    counted: Sequence[Counted],
    *,
    caller: str | None = None,
    least_share: float = LEAST_SHARE,
) -> DriftReport:
    """Say how profiles differ from the training lines.

    Parameters
    ----------
    reference
        Of the bundle that answered them.
    counted
        Of all callers: the list of callers holds all of them whatever `caller` is.
    caller
        Whose profiles are looked at; None for all.
    least_share
        Share of the genes that must have drifted to speak of drift, 0 to 1.
    """
    chosen = [one for one in counted if caller in (None, one.caller)]
    total = _sum(reference, (one.counts for one in chosen))
    found = drifts(reference, total)

    def summaries(groups: dict[Any, list[DriftCounts]]) -> list[tuple[Any, Summary]]:
        summed = ((name, _sum(reference, some)) for name, some in groups.items())
        return [
            (name, summary_of(counts, drifts(reference, counts), least_share=least_share))
            for name, counts in summed
        ]

    by_caller = summaries(_grouped((one.caller, one.counts) for one in counted))
    by_day = summaries(_grouped((one.day, one.counts) for one in chosen))
    return DriftReport(
        reference=reference,
        overall=summary_of(total, found, least_share=least_share),
        genes=found.listed(reference),
        by_domain=tuple(total.by_domain.tolist()),
        by_caller=sorted(by_caller, key=lambda pair: (-pair[1].n_profiles, pair[0])),
        by_day=sorted(by_day, key=lambda pair: pair[0]),
    )


def _sum(reference: DriftReference, some: Iterable[DriftCounts]) -> DriftCounts:
    return reduce(add, some, DriftCounts.none(len(reference.genes)))


def _grouped(pairs: Iterable[tuple[Any, DriftCounts]]) -> dict[Any, list[DriftCounts]]:
    groups: dict[Any, list[DriftCounts]] = {}
    for name, counts in pairs:
        groups.setdefault(name, []).append(counts)
    return groups
