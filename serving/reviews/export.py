"""The whole of a bundle's reviews as a file, for people and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from serving.database.engine import Database
from serving.predictions.answer_csv import csv_bytes
from serving.reviews.decisions import COLUMNS, list_decisions
from serving.reviews.findings import canonical
from serving.reviews.queue import SHOWN, Record, record_of
from serving.reviews.sign_offs import list_drugs
from serving.reviews.tables import review_findings

FINDING_COLUMNS = tuple(column.name for column in SHOWN)
DRUG_COLUMNS = ("bundle_sha256", "drug", "status", "approval", "limits", "people", "decided_at",
                "figures_sha256")  # fmt: skip


def export_json(database: Database, bundle_sha256: str, *, n_people: int) -> Record:
    """Give everything about a bundle: drugs with their sign-offs, findings, and all decisions."""
    drugs = list_drugs(database, bundle_sha256, n_people=n_people)
    decisions, _ = list_decisions(database, bundle_sha256=bundle_sha256)
    return {
        "bundle_sha256": bundle_sha256,
        "drugs": drugs,
        "findings": _findings(database, bundle_sha256),
        "decisions": decisions,
    }


def export_csv(database: Database, bundle_sha256: str, what: str, *, n_people: int) -> bytes:
    """Give one of `decisions`, `findings` and `drugs` as CSV.

    Text that a spreadsheet would take for a formula gets a quote before.
    """
    if what == "decisions":
        decisions, _ = list_decisions(database, bundle_sha256=bundle_sha256)
        return csv_bytes(COLUMNS, _cells(COLUMNS, decisions))
    if what == "findings":
        rows = _cells(FINDING_COLUMNS, _findings(database, bundle_sha256))
        return csv_bytes(FINDING_COLUMNS, rows)
    drugs = list_drugs(database, bundle_sha256, n_people=n_people)
    flat = [{**one, **one["approval"], "approval": one["approval"]["state"]} for one in drugs]
    return csv_bytes(DRUG_COLUMNS, _cells(DRUG_COLUMNS, flat))


def _findings(database: Database, bundle_sha256: str) -> list[Record]:
    columns = review_findings.c
    query = (
        select(*SHOWN)
        .where(columns.bundle_sha256 == bundle_sha256)
        .order_by(columns.priority, columns.id)
    )
    with database.reading() as connection:
        return [record_of(row) for row in connection.execute(query).mappings()]


def _cells(columns: Sequence[str], records: Iterable[Record]) -> Iterable[list[Any]]:
    for record in records:
        yield [_cell(record[name]) for name in columns]


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return canonical(value) if isinstance(value, dict) else value
