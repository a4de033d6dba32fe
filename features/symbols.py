"""Gene identifiers of any kind, resolved to approved symbols."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from features.errors import AmbiguousSymbolError, GeneIdError
from features.expression import IdType
from features.gene_ids import SYMBOL_AND_ID, detect_id_type, refuse_excel_damage
from features.gene_sets import load_gene_sets
from features.hgnc import GeneRecord, read_hgnc

__all__ = [
    "GeneRecord",
    "Resolution",
    "SymbolTable",
    "detect_id_type",
    "load_curated_aliases",
    "refuse_excel_damage",
]

Level = Mapping[str, tuple[str, ...]]
N_NAMED = 8


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of gene ids.

    Attributes
    ----------
    symbols
        The approved symbol of each id, aligned with the ids; None for unknown and ambiguous ones.
    renamed
        Symbol as given -> approved symbol, for the symbols that differ.
    unknown
        Ids that the table does not hold.
    ambiguous
        Ids that were dropped because they fit several genes -> those genes.
    """

    symbols: tuple[str | None, ...]
    renamed: dict[str, str]
    unknown: tuple[str, ...]
    ambiguous: dict[str, tuple[str, ...]]


def load_curated_aliases() -> dict[str, str]:
    """Load the aliases of panel genes that the project curates: alias -> approved symbol."""
    table = (files("features") / "data" / "gene_aliases.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["alias"]: row["symbol"] for row in rows}


class SymbolTable:
    """Names of genes and what they stand for.

    A symbol is looked up as approved symbol, then curated alias, then previous symbol, then
    alias, each as it is written; after that in the same order without regard to case. The first
    of these levels at which it fits any gene decides; if it fits several there, it is ambiguous.
    """

    def __init__(
        self, records: Iterable[GeneRecord], *, name: str, curated: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._records = {record.symbol: record for record in records}
        listed = self._records.values()
        known = {alias: gene for alias, gene in (curated or {}).items() if gene in self._records}
        self._curated = _index((gene, alias) for alias, gene in known.items())
        exact = (
            {record.symbol: (record.symbol,) for record in listed},
            {alias: (gene,) for alias, gene in known.items()},
            _index((old, record.symbol) for record in listed for old in record.previous),
            _index((alias, record.symbol) for record in listed for alias in record.aliases),
        )
        self._levels: tuple[Level, ...] = exact
        self._levels_upper: tuple[Level, ...] = tuple(_upper(level) for level in exact)
        self._entrez = _index((r.entrez, r.symbol) for r in listed if r.entrez)
        self._ensembl = _index((r.ensembl, r.symbol) for r in listed if r.ensembl)

    @classmethod
    def panel(cls) -> SymbolTable:
        """Take the shipped panel and the curated aliases: no Entrez or Ensembl ids."""
        records = (GeneRecord(symbol) for symbol in load_gene_sets().gene_panel)
        return cls(records, name="panel", curated=load_curated_aliases())

    @classmethod
    def from_hgnc(cls, path: Path | str) -> SymbolTable:
        """Take the whole HGNC table; the curated aliases win over its previous symbols and aliases.

        Raises
        ------
        FormatError
            The file is not the HGNC table.
        """
        records, release = read_hgnc(Path(path))
        name = f"hgnc {release}".strip()
        return cls(records, name=name, curated=load_curated_aliases())

    @classmethod
    def from_records(cls, records: Iterable[GeneRecord], *, name: str = "bundle") -> SymbolTable:
        """Take records as `records_of` froze them, with the curated aliases of today."""
        return cls(records, name=name, curated=load_curated_aliases())

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._records

    def records_of(self, symbols: Iterable[str]) -> list[GeneRecord]:
        """List the records of approved symbols, to be frozen; an unknown one gets a bare record.

        A table of these must not say what this one would not: AR is a gene, though a former name
        of FDXR. So a record keeps the names that stand for its gene here, and genes that share
        such a name follow the ones asked for, with no other name.
        """
        asked = dict.fromkeys(symbols)
        rivals: dict[str, set[str]] = {}
        for symbol in asked:
            for name in map(str.upper, self._names_of(symbol)):
                for rival in (r for level in self._levels_upper for r in level.get(name, ())):
                    rivals.setdefault(rival, set()).add(name)
        return [
            *(self._record_with(symbol, None) for symbol in asked),
            *(
                self._record_with(rival, names)
                for rival, names in rivals.items()
                if rival not in asked
                and not names.isdisjoint(map(str.upper, self._names_of(rival)))
            ),
        ]

    def _names_of(self, symbol: str) -> list[str]:
        """Names that stand for a gene, alone or among others."""
        record = self._records.get(symbol, GeneRecord(symbol))
        names = (*self._curated.get(symbol, ()), *record.previous, *record.aliases)
        return [symbol, *(name for name in names if symbol in self._find_symbol(name))]

    def _record_with(self, symbol: str, shared: set[str] | None) -> GeneRecord:
        """Cut a record down to the names that stand for it, or to those among `shared`."""
        record = self._records.get(symbol, GeneRecord(symbol))
        kept = {n for n in self._names_of(symbol) if shared is None or n.upper() in shared}
        return replace(
            record,
            previous=tuple(name for name in record.previous if name in kept),
            aliases=tuple(name for name in record.aliases if name in kept),
        )

    def resolve(self, gene_id: str, id_type: IdType = "symbol") -> str | None:
        """Resolve one id; None if the table does not hold it.

        Raises
        ------
        AmbiguousSymbolError
            The id fits several genes; they are listed.
        """
        candidates = self._finder(id_type)(gene_id)
        if len(candidates) > 1:
            raise _ambiguous({gene_id: candidates})
        return candidates[0] if candidates else None

    def resolve_all(
        self,
        gene_ids: Sequence[str],
        id_type: IdType,
        *,
        wanted: Collection[str] | None = None,
        on_ambiguous: Literal["error", "drop"] = "error",
    ) -> Resolution:
        """Resolve many ids.

        Parameters
        ----------
        wanted
            Genes that matter to the caller (None: every gene). An ambiguous id is an error only
            when one of its candidates is wanted and no other id stands for that candidate alone.
        on_ambiguous
            "drop" drops and lists every ambiguous id instead.

        Raises
        ------
        AmbiguousSymbolError
            As above, with the candidates of every such id.
        GeneIdError
            The table holds no id of this type at all.
        """
        find = self._finder(id_type)
        fits = {gene_id: find(gene_id) for gene_id in dict.fromkeys(gene_ids)}
        ambiguous = {gene_id: genes for gene_id, genes in fits.items() if len(genes) > 1}
        if on_ambiguous == "error":
            certain = {genes[0] for genes in fits.values() if len(genes) == 1}
            _refuse_ambiguous(ambiguous, certain, wanted)
        sole = {gene_id: genes[0] for gene_id, genes in fits.items() if len(genes) == 1}
        return Resolution(
            symbols=tuple(sole.get(gene_id) for gene_id in gene_ids),
            renamed=_renamed(sole, id_type),
            unknown=tuple(gene_id for gene_id, genes in fits.items() if not genes),
            ambiguous=ambiguous,
        )

    def _finder(self, id_type: IdType) -> Callable[[str], tuple[str, ...]]:
        if id_type in ("entrez", "entrez_at", "ensembl"):
            self._require(id_type, self._ensembl if id_type == "ensembl" else self._entrez)
        if id_type == "probe":
            raise GeneIdError(
                "Probe ids, which name places on an array and not genes.",
                needed="the map of the platform, probe to symbol.",
                remedy="Give the platform map (--platform-map), or a file by gene.",
            )
        return {
            "symbol": self._find_symbol,
            "entrez": self._find_entrez,
            "entrez_at": self._find_entrez,
            "ensembl": self._find_ensembl,
            "symbol_entrez": self._find_pair,
        }[id_type]

    def _require(self, id_type: IdType, index: Level) -> None:
        if not index:
            raise GeneIdError(
                f"Ids of type {id_type!r}, of which the symbol table {self.name!r} holds none.",
                needed="a table with Entrez and Ensembl ids, such as HGNC's.",
                remedy="Fetch the HGNC table and use it, or give a file with gene symbols.",
            )

    def _find_symbol(self, symbol: str) -> tuple[str, ...]:
        symbol = symbol.strip()
        for level in self._levels:
            if symbol in level:
                return level[symbol]
        upper = symbol.upper()
        return next((level[upper] for level in self._levels_upper if upper in level), ())

    def _find_entrez(self, entrez: str) -> tuple[str, ...]:
        number = entrez.strip().removesuffix("_at").removeprefix("LOC")
        return self._entrez.get(number, ())

    def _find_ensembl(self, ensembl: str) -> tuple[str, ...]:
        return self._ensembl.get(ensembl.strip().split(".")[0], ())

    def _find_pair(self, gene_id: str) -> tuple[str, ...]:
        match = SYMBOL_AND_ID.fullmatch(gene_id.strip())
        if match is None:
            return self._find_symbol(gene_id)
        number = match["id"]
        by_id = self._find_ensembl if number.startswith("ENSG") else self._find_entrez
        return by_id(number) or self._find_symbol(match["symbol"])


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Gather what each name stands for, each gene once and in the order of the table."""
    index: dict[str, tuple[str, ...]] = {}
    for name, symbol in pairs:
        known = index.get(name, ())
        if symbol not in known:
            index[name] = (*known, symbol)
    return index


def _upper(level: Level) -> dict[str, tuple[str, ...]]:
    return _index((name.upper(), symbol) for name, genes in level.items() for symbol in genes)


def _renamed(sole: Mapping[str, str], id_type: IdType) -> dict[str, str]:
    if id_type not in ("symbol", "symbol_entrez"):
        return {}
    renamed: dict[str, str] = {}
    for gene_id, gene in sole.items():
        match = SYMBOL_AND_ID.fullmatch(gene_id.strip()) if id_type == "symbol_entrez" else None
        given = match["symbol"] if match else gene_id
        if given != gene:
            renamed[given] = gene
    return renamed


def _refuse_ambiguous(
    ambiguous: Mapping[str, tuple[str, ...]], certain: set[str], wanted: Collection[str] | None
) -> None:
    """Refuse the ids that may be the only ones of a wanted gene."""
    lost = {
        gene_id: genes
        for gene_id, genes in ambiguous.items()
        if any(gene not in certain and (wanted is None or gene in wanted) for gene in genes)
    }
    if lost:
        raise _ambiguous(lost)


def _ambiguous(fits: Mapping[str, tuple[str, ...]]) -> AmbiguousSymbolError:
    named = [f"{gene_id} ({', '.join(genes)})" for gene_id, genes in fits.items()]
    more = f", and {len(named) - N_NAMED} more" if len(named) > N_NAMED else ""
    return AmbiguousSymbolError(
        f"Ids that fit more than one gene: {'; '.join(named[:N_NAMED])}{more}.",
        needed="ids that name one gene each.",
        remedy="Rename these rows to the gene that is meant, or drop them (on_ambiguous='drop').",
    )
