"""A claim of the literature, and reading a table of them: a row a claim, tab-separated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from features.errors import ClaimError
from features.gene_sets import DIRECTIONS, Direction

Change = Literal[
    "up",
    "overexpressed",
    "activated",
    "down",
    "inhibited",
    "knockdown",
    "degraded",
    "phosphorylated",
    "dephosphorylated",
    "mutated",
    "agent",
]
CHANGES: tuple[Change, ...] = get_args(Change)
RAISING: tuple[Change, ...] = ("up", "overexpressed", "activated")
LOWERING: tuple[Change, ...] = ("down", "inhibited", "knockdown", "degraded")
EVIDENCE = ("cell line", "xenograft", "patients", "clinical trial", "review statement")
TESTABLE = "expression"
SEPARATOR = "; "
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REMEDY = "Mend the cell; the claims that cupromark ships (features/data/claims.tsv) show the form."


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the literature; contradictory statements are claims of their own.

    Attributes
    ----------
    claim_id
        Stable name: subject, change, drug, effect, cancer.
    gene, process
        What the claim is about: an HGNC symbol, or a gene set's name ("oxphos" stands for the
        five complexes together) or a free term. One of them; neither for an agent by itself.
    change
        What happened to it; "agent" where an agent acts without a change of a gene being named.
    agent, agent_class
        What brought the change about, or the partner of the drug in a combination.
    cancer
        One, or several separated by "; ".
    drug, drug_class
        Whose response is spoken of; drug is None where the review names only a class.
    effect
        What the stated change goes with.
    direction_when_high
        What higher expression would go with; None where change and effect do not say.
    evidence
        Kinds of evidence that the review names, out of `EVIDENCE`, separated by "; ".
    testable_hint
        "expression", or why expression cannot speak for the claim.
    source_file, section, reference
        The review, the place in it, and the work that it cites there, as it is printed.
    context
        Conditions, and where another claim says the opposite.
    statement
        The claim in our own words.
    """

    claim_id: str
    gene: str | None
    process: str | None
    change: Change
    agent: str | None
    agent_class: str | None
    cancer: str | None
    drug: str | None
    drug_class: str
    effect: Direction
    direction_when_high: Direction | None
    evidence: str
    testable_hint: str
    source_file: str
    section: str
    reference: str | None
    context: str | None
    statement: str

    @property
    def subject(self) -> str | None:
        """The gene or the process; None for an agent by itself."""
        return self.gene or self.process

    @property
    def source(self) -> str:
        """File and section, as in the sources of gene sets."""
        return f"{self.source_file} {self.section}"

    @property
    def cancers(self) -> tuple[str, ...]:
        """The cancers that the claim names."""
        return tuple(self.cancer.split(SEPARATOR)) if self.cancer else ()

    @property
    def rests_on_expression(self) -> bool:
        """Whether expression can speak for the claim at all."""
        return self.testable_hint == TESTABLE and self.direction_when_high is not None


COLUMNS = tuple(field.name for field in fields(Claim))
OPTIONAL = frozenset(field.name for field in fields(Claim) if "None" in str(field.type))


def read_claims(path: Path | str) -> tuple[Claim, ...]:
    """Read a tab-separated table of claims with the columns `COLUMNS`, in any order.

    Genes and drugs need not be known: whether a claim can be tested is for its test to say.

    Raises
    ------
    ClaimError
        The file is not such a table; line and column are named.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(
            f"{path.name} cannot be read: {error}.",
            needed="a table of claims: tab-separated text in UTF-8.",
            remedy="Check the path, and that the file is neither compressed nor a spreadsheet.",
        ) from error
    return parse_claims(text, name=path.name)


def parse_claims(text: str, *, name: str) -> tuple[Claim, ...]:
    """Parse a table of claims; `name` is what errors call it."""
    header, *lines = text.replace("\r\n", "\n").split("\n")
    columns = header.split("\t")
    if sorted(columns) != sorted(COLUMNS):
        raise _wrong_columns(columns, name)
    claims: dict[str, Claim] = {}
    for number, line in enumerate(lines, start=2):
        if line.strip():
            claim = _parse_row(line.split("\t"), columns, f"Line {number} of {name}")
            if claim.claim_id in claims:
                raise _wrong(f"Line {number} of {name}", "claim_id", claim.claim_id, "an id once")
            claims[claim.claim_id] = claim
    return tuple(claims.values())


def direction_when_high(change: Change, effect: Direction) -> Direction | None:
    """Derive what higher expression would go with; None where the change is not one of level."""
    if change in RAISING:
        return effect
    if change in LOWERING:
        return "sensitivity" if effect == "resistance" else "resistance"
    return None


def _parse_row(cells: list[str], columns: list[str], place: str) -> Claim:
    if len(cells) != len(columns):
        raise ClaimError(
            f"{place} holds {len(cells)} cells.",
            needed=f"{len(columns)}, one for each column.",
            remedy="Look for a tab too many or too few; empty cells keep their tabs.",
        )
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    _check_cells(row, place)
    _check_sense(row, place)
    return Claim(**{c: None if c in OPTIONAL and not cell else cell for c, cell in row.items()})  # type: ignore[arg-type]


def _check_cells(row: Mapping[str, str], place: str) -> None:
    """Check every cell by itself."""
    for column in COLUMNS:
        if not row[column] and column not in OPTIONAL:
            raise _wrong(place, column, "", "a word")
    allowed: dict[str, tuple[str, ...]] = {
        "change": CHANGES,
        "effect": DIRECTIONS,
        "direction_when_high": ("", *DIRECTIONS),
        "evidence": EVIDENCE,
    }
    for column, words in allowed.items():
        parts = row[column].split(SEPARATOR) if column == "evidence" else [row[column]]
        if not set(parts) <= set(words):
            raise _wrong(place, column, row[column], f"one of {', '.join(filter(None, words))}")
    if not _SLUG.fullmatch(row["claim_id"]):
        raise _wrong(place, "claim_id", row["claim_id"], "lower-case words joined by hyphens")


def _check_sense(row: Mapping[str, str], place: str) -> None:
    """Check what the cells say together."""
    if row["gene"] and row["process"]:
        raise _wrong(place, "process", row["process"], "empty beside a gene: one subject a claim")
    if not (row["gene"] or row["process"]) and not (row["agent"] and row["change"] == "agent"):
        raise _wrong(place, "gene", "", "a gene, a process, or an agent with the change 'agent'")
    if bool(row["agent"]) != bool(row["agent_class"]):
        raise _wrong(place, "agent_class", row["agent_class"], "filled just where agent is")
    derived = direction_when_high(row["change"], row["effect"]) or ""  # type: ignore[arg-type]
    if row["direction_when_high"] != derived:
        reason = f"{derived or 'empty'}, which follows from {row['change']} and {row['effect']}"
        raise _wrong(place, "direction_when_high", row["direction_when_high"], reason)


def _wrong(place: str, column: str, found: str, needed: str) -> ClaimError:
    what = repr(found) if found else "an empty cell"
    return ClaimError(f"{place}, column {column}: {what}.", needed=f"{needed}.", remedy=_REMEDY)


def _wrong_columns(columns: Iterable[str], name: str) -> ClaimError:
    listed = list(columns)
    missing = [column for column in COLUMNS if column not in listed]
    extra = [column for column in listed if column not in COLUMNS or listed.count(column) > 1]
    return ClaimError(
        f"Line 1 of {name} lacks the columns {', '.join(missing) or 'none'}; "
        f"unknown or repeated: {', '.join(map(repr, dict.fromkeys(extra))) or 'none'}.",
        needed=f"each once, separated by tabs: {', '.join(COLUMNS)}.",
        remedy="Mend the header; a table separated by commas has to be saved with tabs.",
    )
