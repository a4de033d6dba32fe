"""The page of a ledger: one file of HTML that asks nothing of any host and runs no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from training.claims_testing.forest import forest_svg
from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.claims_testing.page_style import PAGE
from training.claims_testing.summary import (
    ALL_VERDICTS,
    drug_of,
    interval_text,
    n_tested,
    reasons,
    subject_of,
    verdicts_by,
)
from training.errors import TrainingError

MARKS = {"supported": "✓", "contradicted": "✗", "inconclusive": "○", "not testable": "\u2013"}
FALSE_POSITIVE = 0.05
_NUMBERS = frozenset({"lines", "tested", "claims", "all lines", "within lineages", "q"})
_LONG = frozenset({"claim", "reason"})


def ledger_page(ledger: Ledger) -> str:
    """Show a ledger: counts of verdicts, forest plot, every tested claim, by gene and by drug.

    Returns
    -------
    str
        HTML in UTF-8; everything that comes from a claim or a cohort is escaped.
    """
    ordered = sorted(ledger.tested(), key=lambda row: (subject_of(row), drug_of(row)))
    return Template(PAGE).substitute(
        cohort=escape(ledger.cohort),
        simulated=_simulated(ledger),
        counts=_counts(ledger),
        reading=_reading(ledger),
        forest=forest_svg(ledger) or "<p>No claim could be tested.</p>",
        contradicted=_claims(row for row in ordered if row.verdict_word == "contradicted"),
        tested=_claims(ordered),
        by_gene=_verdict_tables("gene or process", verdicts_by(ledger.rows, subject_of)),
        by_drug=_verdict_tables("drug", verdicts_by(ledger.rows, drug_of)),
        reasons=_table(("claims", "reason"), [(str(n), why) for why, n in reasons(ledger.rows)]),
        n_bootstrap=str(ledger.n_bootstrap),
        random_state=str(ledger.random_state),
    )


def write_page(ledger: Ledger, path: Path) -> None:
    """Write the page to a file; TrainingError where it cannot be written."""
    try:
        path.write_text(ledger_page(ledger), encoding="utf-8")
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that exists and may be written to.",
            remedy="Check the path, its permissions and the free space.",
        ) from error


def _simulated(ledger: Ledger) -> str:
    if not ledger.simulated:
        return ""
    return '<p class="warning">Simulated: nothing of this cohort was ever measured.</p>'


def _counts(ledger: Ledger) -> str:
    boxes = (
        f'<li class="{verdict.replace(" ", "-")}"><b>{n}</b> {MARKS[verdict]} {verdict}</li>'
        for verdict, n in ledger.counts().items()
    )
    return "\n".join(boxes)


def _reading(ledger: Ledger) -> str:
    """How many verdicts chance alone would give, beside how many there are."""
    measured = ledger.measurements()
    decided = [rows[0] for rows in measured.values() if rows[0].verdict_word != "inconclusive"]
    strong = sum(row.q_value is not None and row.q_value < FALSE_POSITIVE for row in decided)
    return (
        f"{len(ledger.rows)} claims; {len(ledger.tested())} of them could be tested, by "
        f"{len(measured)} distinct measurements. Of these, {len(decided)} lie wholly on one side "
        f"of 0; if no gene had anything to do with any drug, "
        f"{FALSE_POSITIVE * len(measured):.1f} would be expected to. {strong} of them have "
        f"q &lt; 0.05."
    )


def _claims(rows: Iterable[LedgerRow]) -> str:
    header = (
        *("gene or process", "claim", "drug", "verdict", "lines"),
        *("all lines", "within lineages", "in that cancer", "q"),
    )
    body = [_claim(row) for row in rows]
    return _table(header, body) if body else "<p>None.</p>"


def _claim(row: LedgerRow) -> tuple[str, ...]:
    claim, measured = row.claim, row.measurement
    if not isinstance(measured, Measurement):
        return ()
    source = f"{claim.source}; reference {claim.reference}" if claim.reference else claim.source
    return (
        subject_of(row),
        f"{claim.statement} High goes with {claim.direction_when_high} ({source}).",
        drug_of(row),
        f"{MARKS[row.verdict_word]} {row.verdict}",
        str(measured.n_lines),
        interval_text(measured.effect_size),
        interval_text(measured.within_lineage),
        _in_cancer(row),
        _small(row.q_value),
    )


def _in_cancer(row: LedgerRow) -> str:
    if isinstance(row.in_cancer, Measurement):
        where = f"{', '.join(row.cancer_lineages)}, {row.in_cancer.n_lines} lines"
        return f"{interval_text(row.in_cancer.within_lineage)} {where}"
    return str(row.in_cancer) if row.claim.cancer else ""


def _small(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value >= 0.001 else f"{value:.0e}"


def _verdict_tables(what: str, counted: dict[str, Counter[str]]) -> str:
    """Those with a tested claim; behind a fold the others."""
    tested = {name: counts for name, counts in counted.items() if n_tested(counts)}
    others = {name: counts for name, counts in counted.items() if not n_tested(counts)}
    folded = f"<summary>{len(others)} without a tested claim</summary>"
    return (
        f"{_verdict_table(what, tested)}<details>{folded}{_verdict_table(what, others)}</details>"
    )


def _verdict_table(what: str, counted: dict[str, Counter[str]]) -> str:
    rows = [
        (name, str(n_tested(counts)), *(str(counts[verdict] or "") for verdict in ALL_VERDICTS))
        for name, counts in counted.items()
    ]
    return _table((what, "tested", *ALL_VERDICTS), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th{_class(name)}>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{_cells(header, row)}</tr>\n" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _cells(header: Sequence[str], row: Sequence[str]) -> str:
    pairs = zip(header, row, strict=True)
    return "".join(f"<td{_class(name)}>{escape(text)}</td>" for name, text in pairs)


def _class(name: str) -> str:
    if name in _NUMBERS or name in ALL_VERDICTS:
        return ' class="number"'
    return ' class="long"' if name in _LONG else ""
