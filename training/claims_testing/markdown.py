"""Ledgers as a page of the documentation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.claims_testing.summary import (
    ALL_VERDICTS,
    drug_of,
    interval_text,
    n_tested,
    subject_of,
    verdicts_by,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$<>&])")

_INTRODUCTION = """\
# Claims

What the reviews claim, held against cohorts. A claim says what higher expression of a gene goes
with; it is `supported` where the whole 95% interval of the Spearman correlation of expression with
sensitivity, *within lineages*, lies on the side that it names, `contradicted` where it lies on the
other, else `inconclusive`. Whatever does not rest on expression, or is not measured, is
`not testable`. Association in cell lines is not cause, and expression of untreated cells is not
what a treatment makes of it: a contradicted claim may well hold where it was made.
"""


def ledger_markdown(ledgers: Iterable[Ledger]) -> str:
    """Write ledgers as Markdown: counts, contradicted and supported claims, by gene and by drug.

    Parameters
    ----------
    ledgers
        One a cohort, of the same claims.

    Returns
    -------
    str
        The same for the same ledgers, with a line end at its end; what comes from claims and
        cohorts is escaped.
    """
    listed = tuple(ledgers)
    parts = [
        _INTRODUCTION,
        "## Verdicts\n",
        _counts(listed),
        *_chapter("Contradicted", listed, "contradicted"),
        *_chapter("Supported", listed, "supported"),
        "## By gene or process\n",
        _verdicts("gene or process", listed, subject_of),
        "## By drug\n",
        _verdicts("drug", listed, drug_of),
    ]
    return "\n".join(parts)


def _counts(ledgers: Sequence[Ledger]) -> str:
    header = ("cohort", "claims", "measurements", *ALL_VERDICTS)
    rows = (
        (
            _name(ledger),
            str(len(ledger.rows)),
            str(len(ledger.measurements())),
            *(str(n) for n in ledger.counts().values()),
        )
        for ledger in ledgers
    )
    table = _table(header, rows)
    return f"{table}\nClaims about the same gene and drug share one measurement.\n"


def _chapter(title: str, ledgers: Sequence[Ledger], verdict: str) -> list[str]:
    header = ("gene or process", "claim", "drug", "cohort", "all lines", "within lineages", "q")
    found = [
        (row, ledger) for ledger in ledgers for row in ledger.rows if row.verdict_word == verdict
    ]
    rows = [_claim(row, ledger) for row, ledger in sorted(found, key=lambda pair: _place(pair[0]))]
    return [f"## {title}\n", _table(header, rows) if rows else "None.\n"]


def _place(row: LedgerRow) -> tuple[str, str]:
    return subject_of(row), drug_of(row)


def _claim(row: LedgerRow, ledger: Ledger) -> tuple[str, ...]:
    measured = row.measurement
    if not isinstance(measured, Measurement) or row.q_value is None:
        return ("",) * 7
    direction = row.claim.direction_when_high
    return (
        _escape(subject_of(row)),
        f"{_escape(row.claim.statement)} High goes with {direction} ({_escape(row.claim.source)}).",
        _escape(drug_of(row)),
        _name(ledger),
        interval_text(measured.effect_size),
        interval_text(measured.within_lineage),
        f"{row.q_value:.2g}",
    )


def _verdicts(what: str, ledgers: Sequence[Ledger], key: Callable[[LedgerRow], str]) -> str:
    """One row a gene or drug that any cohort can test; of each cohort the counts of verdicts."""
    every = verdicts_by((row for ledger in ledgers for row in ledger.rows), key)
    per_cohort = [verdicts_by(ledger.rows, key) for ledger in ledgers]
    header = (what, "claims", *(_name(ledger) for ledger in ledgers))
    rows = [
        (
            _escape(name),
            str(max(counts[name].total() for counts in per_cohort if name in counts)),
            *(_said(counts.get(name, Counter())) for counts in per_cohort),
        )
        for name in every
        if n_tested(every[name])
    ]
    untested = [_escape(name) for name in every if not n_tested(every[name])]
    left = f"\nNo cohort can test: {', '.join(untested)}.\n" if untested else ""
    return (_table(header, rows) if rows else "None could be tested.\n") + left


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[word]} {word}" for word in ALL_VERDICTS if counts[word])


def _name(ledger: Ledger) -> str:
    return _escape(ledger.cohort) + (" (simulated)" if ledger.simulated else "")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _escape(text: str) -> str:
    """Keep text as text: no markup, no line end."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
