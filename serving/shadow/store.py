"""Sums of the live shadow in the database: added to, and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select, update

from serving.database.engine import Database
from serving.database.inserting import insert_missing
from serving.shadow.summary import ShadowSummary
from serving.shadow.sums import CHANGES, PAIR_NUMBERS, DrugSums, PairSums
from serving.shadow.tables import NAME, shadow_drugs, shadow_pairs

DRUG_NUMBERS = ("n", "missing", "total", "squares", *CHANGES)


@dataclass(frozen=True, slots=True)
class Pair:
    """A champion and its challenger.

    Attributes
    ----------
    challenger_sha256, champion_sha256
        Of the bundles.
    challenger, champion
        Their versions, or names where they have none.
    """

    challenger_sha256: str
    champion_sha256: str
    challenger: str
    champion: str

    @property
    def key(self) -> dict[str, str]:
        """Give the hashes by name."""
        return {
            "challenger_sha256": self.challenger_sha256,
            "champion_sha256": self.champion_sha256,
        }


def add_sums(
    database: Database, pair: Pair, sums: PairSums, drugs: Mapping[str, DrugSums], now: datetime
) -> None:
    """Add sums to those of the pair, whoever else adds to them just now.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer; nothing was added.
    """
    names = {"challenger": pair.challenger[:NAME], "champion": pair.champion[:NAME]}
    nothing = dict.fromkeys(PAIR_NUMBERS, 0) | {"first_at": now, "last_at": now}
    columns = shadow_pairs.c
    added = {name: columns[name] + number for name, number in sums.to_row().items()}
    with database.writing() as connection:
        insert_missing(connection, shadow_pairs, [{**pair.key, **names, **nothing}])
        connection.execute(
            update(shadow_pairs)
            .where(*_of_pair(shadow_pairs, **pair.key))
            .values(**added, **names, last_at=now)
        )
        if drugs:
            _add_drugs(connection, pair, drugs)


def shadow_summary(
    database: Database, challenger_sha256: str, champion_sha256: str
) -> ShadowSummary | None:
    """Read what was found about a pair of bundles; None where the two were never compared.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    key = {"challenger_sha256": challenger_sha256, "champion_sha256": champion_sha256}
    with database.reading() as connection:
        about = select(shadow_pairs).where(*_of_pair(shadow_pairs, **key))
        found = connection.execute(about).one_or_none()
        if found is None:
            return None
        chosen = select(shadow_drugs).where(*_of_pair(shadow_drugs, **key))
        rows = connection.execute(chosen.order_by(shadow_drugs.c.drug)).all()
    return ShadowSummary(
        challenger_sha256,
        champion_sha256,
        found.challenger,
        found.champion,
        found.first_at,
        found.last_at,
        PairSums(**{name: getattr(found, name) for name in PAIR_NUMBERS}),
        {row.drug: _drug_sums(row) for row in rows},
    )


def list_pairs(database: Database) -> list[tuple[Pair, datetime]]:
    """List the pairs that were compared, with when that was last, the latest first."""
    chosen = select(shadow_pairs).order_by(
        shadow_pairs.c.last_at.desc(),
        shadow_pairs.c.challenger_sha256,
        shadow_pairs.c.champion_sha256,
    )
    with database.reading() as connection:
        rows = connection.execute(chosen).all()
    return [
        (
            Pair(row.challenger_sha256, row.champion_sha256, row.challenger, row.champion),
            row.last_at,
        )
        for row in rows
    ]


def _add_drugs(connection: Connection, pair: Pair, drugs: Mapping[str, DrugSums]) -> None:
    # In one order everywhere: two processes that add to the same rows never wait for each other.
    named = sorted(drugs.items())
    nothing = dict.fromkeys(DRUG_NUMBERS, 0)
    insert_missing(
        connection,
        shadow_drugs,
        [{**pair.key, "drug": drug[:NAME], **nothing} for drug, _ in named],
    )
    columns = shadow_drugs.c
    added = {name: columns[name] + bindparam(f"more_{name}") for name in DRUG_NUMBERS}
    of_drug = (*_of_pair(shadow_drugs, **pair.key), columns.drug == bindparam("of_drug"))
    connection.execute(
        update(shadow_drugs).where(*of_drug).values(**added),
        [{"of_drug": drug[:NAME], **_more(sums)} for drug, sums in named],
    )


def _more(sums: DrugSums) -> dict[str, float]:
    numbers = (sums.n, sums.missing, sums.total, sums.squares, *sums.changes)
    return {f"more_{name}": number for name, number in zip(DRUG_NUMBERS, numbers, strict=True)}


def _drug_sums(row: Any) -> DrugSums:
    changes = tuple(getattr(row, name) for name in CHANGES)
    return DrugSums(row.n, row.missing, row.total, row.squares, changes)


def _of_pair(
    table: Table, *, challenger_sha256: str, champion_sha256: str
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        table.c.challenger_sha256 == challenger_sha256,
        table.c.champion_sha256 == champion_sha256,
    )
