"""Reading the whole table of the HUGO Gene Nomenclature Committee (HGNC)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import FormatError

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("symbol", "status", "alias_symbol", "prev_symbol", "entrez_id", "ensembl_gene_id")
DATE_COLUMN = "date_modified"


@dataclass(frozen=True, slots=True)
class GeneRecord:
    """What a gene is called.

    Attributes
    ----------
    symbol
        Approved HGNC symbol.
    entrez, ensembl
        Ids of NCBI Gene ("207") and Ensembl ("ENSG00000142208", no version); None if unknown.
    previous, aliases
        Symbols that the gene had before, and other names for it.
    """

    symbol: str
    entrez: str | None = None
    ensembl: str | None = None
    previous: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def read_hgnc(path: Path) -> tuple[list[GeneRecord], str]:
    """Read the approved genes of `hgnc_complete_set.txt`, plain or .gz.

    Returns
    -------
    records, release
        The genes, and the last day on which any of them was changed ("2024-10-18"), which tells
        releases apart; empty if the table does not say.

    Raises
    ------
    FormatError
        The file is missing, is not that table, or holds no approved gene.
    """
    table = _read_table(path)
    columns = [table[name].to_pylist() for name in COLUMNS]
    records = [
        GeneRecord(symbol, entrez or None, ensembl or None, _split(previous), _split(aliases))
        for symbol, status, aliases, previous, entrez, ensembl in zip(*columns, strict=True)
        if status == "Approved"
    ]
    if not records:
        raise _not_hgnc(path, "no approved gene")
    return records, max(day or "" for day in table[DATE_COLUMN].to_pylist())


def _read_table(path: Path) -> pa.Table:
    """Read the columns as text; nothing is taken for missing, so a gene called NA stays one."""
    # Imported here: the process that answers requests needs names of genes, and no table of them.
    import pyarrow as pa
    from pyarrow import csv as pyarrow_csv

    columns = [*COLUMNS, DATE_COLUMN]
    convert = pyarrow_csv.ConvertOptions(
        include_columns=columns,
        include_missing_columns=True,
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )
    parse = pyarrow_csv.ParseOptions(delimiter="\t")
    try:
        with pa.input_stream(str(path)) as stream:
            table = pyarrow_csv.read_csv(stream, parse_options=parse, convert_options=convert)
    except (pa.ArrowInvalid, OSError) as error:
        raise _not_hgnc(path, str(error).splitlines()[0]) from error
    missing = [name for name in COLUMNS if table[name].null_count]
    if missing:
        raise _not_hgnc(path, f"no column {', '.join(missing)}")
    return table


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _not_hgnc(path: Path, reason: str) -> FormatError:
    return FormatError(
        f"{path.name} cannot be read as the HGNC table: {reason}.",
        needed=f"hgnc_complete_set.txt (or .gz), tab-separated, with {', '.join(COLUMNS)}.",
        remedy="Fetch the table again; it may have been cut short or replaced by a web page.",
    )
