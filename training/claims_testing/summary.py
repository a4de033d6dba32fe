"""Counts of verdicts, by gene and by drug, for the page and for the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from training.claims_testing.attribution import AttributionSign
from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.claims_testing.verdict import NOT_TESTABLE, VERDICTS
from training.metrics import Interval

ALL_VERDICTS: tuple[str, ...] = (*VERDICTS, NOT_TESTABLE)
AGENT_ALONE = "agent by itself"


def subject_of(row: LedgerRow) -> str:
    """Gene or process of a row."""
    return row.claim.subject or AGENT_ALONE


def drug_of(row: LedgerRow) -> str:
    """Drug of a row, or its class where the claim names none."""
    return row.claim.drug or f"{row.claim.drug_class} (class)"


def verdicts_by(
    rows: Iterable[LedgerRow], key: Callable[[LedgerRow], str]
) -> dict[str, Counter[str]]:
    """Count verdicts by gene or drug; those with most tested claims first."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(key(row), Counter())[row.verdict_word] += 1
    return dict(sorted(found.items(), key=lambda item: (-n_tested(item[1]), item[0].casefold())))


def n_tested(counts: Counter[str]) -> int:
    """Claims with a verdict that rests on data."""
    return counts.total() - counts[NOT_TESTABLE]


def reasons(rows: Iterable[LedgerRow]) -> list[tuple[str, int]]:
    """Why claims could not be tested, the commonest reason first."""
    said = (row.verdict.partition(": ")[2] for row in rows if not row.is_tested)
    return sorted(Counter(said).items(), key=lambda item: (-item[1], item[0]))


def describe_tested(ledger: Ledger) -> list[str]:
    """Name every tested claim with its verdict and its correlation within lineages."""
    return [
        f"{row.verdict:<12} {interval_text(row.measurement.within_lineage):<24} "
        f"{row.claim.statement}"
        for row in ledger.tested()
        if isinstance(row.measurement, Measurement)
    ]


def describe_leanings(ledger: Ledger) -> list[str]:
    """Count how the classifiers of the bundle lean on what claims are about; none without one."""
    rows = [row for row in ledger.rows if isinstance(row.attribution, AttributionSign)]
    said = Counter(
        row.attribution.agrees_with(row.claim.direction_when_high)
        for row in rows
        if isinstance(row.attribution, AttributionSign)
    )
    if not rows:
        return []
    counts = ", ".join(f"{said[word]} {word}" for word in sorted(said))
    return [f"Classifiers of the bundle lean one way on what {len(rows)} claims say: {counts}."]


def interval_text(figure: Interval) -> str:
    """Write a correlation with its bounds; next to 0 a third digit shows the side."""
    bounds = ", ".join(_signed(bound) for bound in (figure.low, figure.high))
    return f"{_signed(figure.value)} [{bounds}]"


def _signed(value: float) -> str:
    text = f"{value:+.2f}" if abs(value) >= 0.005 else f"{value:+.3f}"
    return text.replace("-", "\u2212")
