"""The claims ledger of a drug, drawn and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from models.cards.figures import Reading, figure_text
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment
from models.cards.tables import table
from models.reports.claim_rows import NOT_MEASURED, VERDICTS
from models.reports.content import ClaimRow

SHAPES = {"supported": "triangle", "contradicted": "diamond", "inconclusive": "circle"}
COLUMNS = ("gene or process", "claim", "about", "high goes with", "what the data say",
           "classifier", "source")  # fmt: skip
MOST_ROWS = 20


def is_tested(row: ClaimRow) -> bool:
    """Whether the data decided, or could have decided, a claim."""
    return row.verdict in SHAPES


def claims_figure(drug: str, rows: Sequence[ClaimRow]) -> Fragment | None:
    """Draw every measurement once: claims about the same gene and drugs share it."""
    found: dict[tuple[str, str, str, str], tuple[Reading, int]] = {}
    for row in filter(is_tested, rows):
        key = (str(row.claim.subject), _about(row), str(row.claim.direction_when_high), row.verdict)
        found[key] = (row.correlation, found.get(key, (row.correlation, 0))[1] + 1)
    if not found:
        return None
    drawn = [
        Row(f"{_plain(subject)} → {claimed}{_of_class(about)}", reading, "other", SHAPES[verdict])
        for (subject, about, claimed, verdict), (reading, _) in [*found.items()][:MOST_ROWS]
    ]
    listed = [
        (_plain(subject), about, claimed, str(count), figure_text(reading, sign="+"), verdict)
        for (subject, about, claimed, verdict), (reading, count) in found.items()
    ]
    columns = ("gene or process", "about", "claimed for high", "claims", "correlation", "verdict")
    return Fragment(
        "Claims against the cohort",
        draw_forest(
            Forest(
                f"{drug}: correlation of expression with sensitivity, claim by claim.",
                "correlation within lineages (above 0: high goes with sensitivity)",
                tuple(drawn),
                reference=(0.0, "none"),
                signed=True,
            )
        ),
        table("Spearman correlation within lineages, with 95% intervals", columns, listed,
              numbers=(3, 4)),
        "Each row is one measurement, with what is claimed of higher expression (of a class of "
        f"drugs where it says so); {len(drawn)} of {len(found)} are drawn, the decided ones first. "
        "Verdicts: "
        "triangle, supported; diamond, contradicted; circle, the interval holds 0 and decides "
        "nothing. A contradicted claim may well hold where it was made: another cancer, another "
        "setting.",
    )  # fmt: skip


def ledger_summary(rows: Sequence[ClaimRow]) -> str:
    """Count verdicts, and list what was decided."""
    counts = Counter(row.verdict for row in rows)
    listed = [(verdict, str(counts[verdict])) for verdict in VERDICTS if counts[verdict]]
    decided = [
        (_plain(str(row.claim.subject)), row.claim.statement, row.verdict)
        for row in rows
        if row.verdict in ("supported", "contradicted")
    ]
    shown = table("Claims by verdict", ("verdict", "claims"), listed, numbers=(1,))
    if decided:
        shown += table("What the cohort decided", ("about", "claim", "verdict"), decided)
    return f"<h3>In sum</h3>{shown}"


def untested_lists(rows: Iterable[ClaimRow]) -> str:
    """List claims without a test under the reasons why, the most frequent reason first."""
    by_reason: dict[str, list[ClaimRow]] = {}
    for row in rows:
        by_reason.setdefault(_reason(row), []).append(row)
    ordered = sorted(by_reason.items(), key=lambda one: (-len(one[1]), one[0]))
    return "".join(
        f'<h4>{escape(reason)} ({len(listed)})</h4><ul class="untested">'
        f"{''.join(_untested(row) for row in listed)}</ul>"
        for reason, listed in ordered
    )


def _untested(row: ClaimRow) -> str:
    claim = row.claim
    subject = escape(_plain(claim.subject or claim.agent or "agent"))
    high = f", high: {claim.direction_when_high}" if claim.direction_when_high else ""
    about = escape(f"{_about(row)}{high}")
    source = f' <span class="where">{escape(_source(row))}</span>'
    return f"<li><b>{subject}</b> ({about}): {escape(claim.statement)}{source}</li>"


def _reason(row: ClaimRow) -> str:
    if row.reason.startswith(NOT_MEASURED):
        return "not testable: the cohort does not measure the gene or process"
    if row.reason.startswith("the cohort measures"):
        return "not testable: the cohort measures too few genes of the process"
    return f"{row.verdict}: {row.reason}" if row.reason else row.verdict


def ledger_table(caption: str, rows: Iterable[ClaimRow]) -> str:
    """List claims with source and verdict."""
    return table(caption, COLUMNS, (_cells(row) for row in rows))


def _cells(row: ClaimRow) -> tuple[str, ...]:
    claim = row.claim
    said = f"{row.verdict}: {figure_text(row.correlation, sign='+')}"
    if row.n_lines is not None:
        said = f"{said}, {row.n_lines} lines"
    about = _about(row) if not claim.cancer else f"{_about(row)}; {claim.cancer}"
    return (
        _plain(claim.subject or claim.agent or "agent"),
        claim.statement,
        about,
        claim.direction_when_high or "not stated",
        said,
        row.leaning or "",
        _source(row),
    )


def _about(row: ClaimRow) -> str:
    return row.claim.drug or f"{row.claim.drug_class} (class)"


def _of_class(about: str) -> str:
    return " (class)" if about.endswith("(class)") else ""


def _source(row: ClaimRow) -> str:
    claim = row.claim
    place = f"{claim.source_file.removesuffix('.txt')} {claim.section}"
    return place if claim.reference is None else f"{place}: {claim.reference}"


def _plain(subject: str) -> str:
    return subject.replace("_", " ")
