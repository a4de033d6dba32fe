"""What kind of gene identifier a file holds, and whether a spreadsheet has damaged it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from features.errors import ExcelDamageError, GeneIdError
from features.expression import IdType

SYMBOL_AND_ID = re.compile(r"(?P<symbol>\S.*?)\s*\((?P<id>\d+|ENSG\d{11}(?:\.\d+)?)\)")

_PATTERNS: dict[IdType, re.Pattern[str]] = {
    "ensembl": re.compile(r"ENSG\d{11}(?:\.\d+)?(?:_PAR_Y)?"),
    "entrez": re.compile(r"\d+"),
    "entrez_at": re.compile(r"(?:LOC)?\d+_at"),  # CCLE writes LOC147646_at for genes without symbol
    "symbol_entrez": SYMBOL_AND_ID,
    "probe": re.compile(r"(?:\d+|AFFX\S*)_(?:[a-z]+_)?(?:at|st)|ILMN_\d+|A_\d+_P\d+|AFFX\S+"),
}

MINORITY_LIMIT = 0.01
"""Share of ids of another type that a file may hold: the TCGA and GENCODE tables of symbols name
some thirty genes without a symbol by their Entrez or Ensembl id."""

N_NAMED = 10

_MONTH = "jan feb mar apr may jun jul aug sep oct nov dec mrz mär mai okt dez".replace(" ", "|")
_DATE_FORMS = re.compile(
    rf"""
      \d{{1,2}}[-/.\ ]+(?i:{_MONTH})[a-zé]*\.?(?:[-/.\ ]+\d{{2,4}})?   # 2-Sep, 02. Sep, 2-Sep-23
    | (?:(?i:{_MONTH})-0\d | (?i:{_MONTH})-\d{{4}})                      # SEP-02, Mar-2001
    | (?!(?-i:[A-Z]{{3}}))(?i:{_MONTH})[-/.\ ]+\d{{1,4}}                 # Sep-2, but not OCT-4
    | \d{{4}}-\d{{2}}-\d{{2}}(?:[T\ ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?)?  # 2023-09-02
    | \d{{1,2}}[/.]\d{{1,2}}[/.](?:\d{{2}}|\d{{4}})                     # 02/09/2023, 2.9.23
    | \d{{1,2}}/\d{{1,2}}                                             # 9/2
    | \d(?:\.\d+)?[Ee]\+\d+                                          # 2.31E+13
    """,
    re.VERBOSE,
)
_INTEGER = re.compile(r"\d+")
_RODENT_SYMBOL = re.compile(r"[A-Z][a-z][a-z0-9]*")
_EXCEL_EPOCHS = (dt.date(1899, 12, 30), dt.date(1904, 1, 1))
_SERIAL_DATES = (dt.date(2000, 1, 1), dt.date(2040, 12, 31))
_GENE_DATES = {3: 11, 9: 15, 12: 2}
"""Month -> last day that a gene family was turned into: MARCH1-11, SEPT1-15, DEC1-2."""


def refuse_mouse_symbols(gene_ids: Sequence[str]) -> None:
    """Refuse symbols of mouse or rat (`Fdx1`), which differ from human ones (`FDX1`) in case only.

    Raises
    ------
    GeneIdError
        More than half of the ids are written so.
    """
    rodent = [gene_id for gene_id in gene_ids if _RODENT_SYMBOL.fullmatch(gene_id)]
    if len(rodent) * 2 > len(gene_ids):
        raise GeneIdError(
            f"{len(rodent):,} of {len(gene_ids):,} gene symbols are written as those of mouse or "
            f"rat are ({', '.join(rodent[:3])}, ...).",
            needed="human genes, as HGNC symbols (FDX1), Entrez or Ensembl ids.",
            remedy="map the genes to their human orthologues first, if that is what you want.",
        )


def detect_id_type(gene_ids: Iterable[str]) -> IdType:
    """Tell which kind of identifier the ids are; empty ones are passed over.

    Returns
    -------
    IdType
        "probe" only for ids whose form shows it (1007_s_at, ILMN_1762337); whole numbers are
        taken for Entrez ids, although some arrays number their probes.

    Raises
    ------
    GeneIdError
        There is no id, or more than one in a hundred is of another kind than the rest.
    """
    kinds: dict[IdType, list[str]] = {}
    for gene_id in gene_ids:
        if gene_id.strip():
            kinds.setdefault(_kind(gene_id.strip()), []).append(gene_id)
    if "probe" in kinds and "entrez_at" in kinds:
        _join_affymetrix(kinds)
    if not kinds:
        raise GeneIdError(
            "No gene identifier.",
            needed="gene symbols, Entrez or Ensembl ids, or probe ids with a platform map.",
            remedy="Check that the file names its genes, and in which column or row.",
        )
    counted = sorted(kinds, key=lambda kind: len(kinds[kind]), reverse=True)
    n_other = sum(len(kinds[kind]) for kind in counted[1:])
    if n_other > MINORITY_LIMIT * (n_other + len(kinds[counted[0]])):
        raise _mixed(kinds)
    return counted[0]


def _kind(gene_id: str) -> IdType:
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(gene_id):
            return kind
    return "symbol"


def _join_affymetrix(kinds: dict[IdType, list[str]]) -> None:
    """Take 1053_at for a probe beside 1007_s_at, and AFFX controls for nothing beside 207_at."""
    controls = all(gene_id.strip().startswith("AFFX") for gene_id in kinds["probe"])
    if controls:
        del kinds["probe"]
    else:
        kinds["probe"] += kinds.pop("entrez_at")


def _mixed(kinds: dict[IdType, list[str]]) -> GeneIdError:
    parts = [f"{len(ids)} {kind} (such as {', '.join(ids[:3])})" for kind, ids in kinds.items()]
    return GeneIdError(
        f"Gene identifiers of several types: {'; '.join(parts)}.",
        needed="identifiers of one type.",
        remedy="Write all of them as gene symbols, or split the file by type.",
    )


def refuse_excel_damage(gene_ids: Iterable[str]) -> None:
    """Refuse symbols that a spreadsheet turned into dates or numbers.

    Known forms: 2-Sep, 1-Mar, Sep-2, Sep-02, 2023-09-02, 02/09/2023, 2.31E+13, and, where most
    ids are symbols, the serial number of a day (44075 is 1 September 2020).

    Raises
    ------
    ExcelDamageError
        With the rows, counted from 1 in the order of the ids, and what stands there.
    """
    ids = [gene_id.strip() for gene_id in gene_ids]
    damaged = {row: i for row, i in enumerate(ids, start=1) if _DATE_FORMS.fullmatch(i)}
    damaged |= _serials(ids)
    if damaged:
        named = [f"row {row}: {damaged[row]}" for row in sorted(damaged)]
        more = f", and {len(named) - N_NAMED} more" if len(named) > N_NAMED else ""
        raise ExcelDamageError(
            f"{len(named)} gene symbols are dates or numbers, as a spreadsheet program makes "
            f"them of SEPT2 or MARCH1: {'; '.join(named[:N_NAMED])}{more}.",
            needed="the symbols as they were before.",
            remedy="Export the file again with the gene column as text, or take the original.",
        )


def _serials(ids: Sequence[str]) -> dict[int, str]:
    """Find serial numbers of days among symbols, by row.

    A whole number among symbols may be an Entrez id as well. It is taken for a day when it is one
    that a gene family is turned into, or when all the whole numbers are days of this age.
    """
    numbers = {row: i for row, i in enumerate(ids, start=1) if _INTEGER.fullmatch(i)}
    if 2 * len(numbers) >= sum(map(bool, ids)):
        return {}
    days = {row: number for row, number in numbers.items() if _days(number)}
    if len(days) == len(numbers):
        return days
    return {row: number for row, number in days.items() if any(map(_of_gene, _days(number)))}


def _days(number: str) -> list[dt.date]:
    """List the days of this age that a serial number may stand for (Windows, old Macintosh)."""
    if len(number) != 5:
        return []
    days = [epoch + dt.timedelta(days=int(number)) for epoch in _EXCEL_EPOCHS]
    return [day for day in days if _SERIAL_DATES[0] <= day <= _SERIAL_DATES[1]]


def _of_gene(day: dt.date) -> bool:
    return day.day <= _GENE_DATES.get(day.month, 0)
