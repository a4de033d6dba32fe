"""From the ids of a file to gene symbols: platform map, Excel damage, id type, symbol table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from features.errors import GeneIdError
from features.expression import IdType
from features.gene_ids import (
    SYMBOL_AND_ID,
    detect_id_type,
    refuse_excel_damage,
    refuse_mouse_symbols,
)
from features.readers.probes import is_control_probe, needs_platform_map
from features.readers.raw_matrix import RawMatrix
from features.readers.text_files import ReadLimits
from features.symbols import Resolution, SymbolTable

OnAmbiguous = Literal["error", "drop"]

N_AMBIGUOUS_NAMED = 5
_KEEP_UNKNOWN: frozenset[IdType] = frozenset({"symbol", "symbol_entrez"})


@dataclass(frozen=True, slots=True)
class ResolvedGenes:
    """Gene symbols of a matrix.

    Attributes
    ----------
    genes
        Symbol of each id of the matrix, None for those that are dropped.
    id_type
        The kind of id that the file holds.
    """

    genes: tuple[str | None, ...]
    id_type: IdType
    steps: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GeneResolver:
    """How ids become symbols: what the caller of `read_expression` said about it."""

    symbols: SymbolTable
    wanted: Collection[str] | None = None
    on_ambiguous: OnAmbiguous = "error"
    platform_map: Path | None = None
    limits: ReadLimits = field(default_factory=ReadLimits)

    def resolve(self, raw: RawMatrix, file_name: str) -> ResolvedGenes:
        """Resolve the ids of a matrix.

        Raises
        ------
        GeneIdError
            Probes without a map or with another array's map, or ids of mixed types.
        ExcelDamageError, AmbiguousSymbolError
            As their names say.
        """
        if self.platform_map is not None:
            return self._through_map(self.platform_map, raw, file_name)
        if raw.symbol_hints:
            return self._by_entrez_and_hint(raw)
        id_type = raw.id_type or _detect(raw.gene_ids, raw.platforms, file_name)
        return self._through_table(raw.gene_ids, id_type, id_type)

    def resolve_ids(self, gene_ids: Sequence[str], source: str) -> ResolvedGenes:
        """Resolve ids that no file says more about; the same errors."""
        id_type = _detect(gene_ids, (), source)
        return self._through_table(gene_ids, id_type, id_type)

    def _through_map(self, path: Path, raw: RawMatrix, file_name: str) -> ResolvedGenes:
        # Imported here: it brings pyarrow, which resolving names alone does not need.
        from features.readers.platform_map import read_platform_map

        probe_map = read_platform_map(path, self.limits)
        refuse_excel_damage(probe_map.symbols.values())
        symbols, steps = probe_map.fit(raw.gene_ids, raw.platforms, file_name)
        mapped = [symbol for symbol in symbols if symbol is not None]
        return self._through_table(mapped, "symbol", "probe", aligned=symbols, steps=steps)

    def _by_entrez_and_hint(self, raw: RawMatrix) -> ResolvedGenes:
        pairs = [
            _pair(name, hint) for name, hint in zip(raw.gene_ids, raw.symbol_hints, strict=True)
        ]
        named = [pair for pair in pairs if pair is not None]
        return self._through_table(named, "symbol_entrez", "entrez_at", aligned=pairs)

    def _through_table(
        self,
        gene_ids: Sequence[str],
        resolve_as: IdType,
        id_type: IdType,
        *,
        aligned: Sequence[str | None] | None = None,
        steps: tuple[str, ...] = (),
    ) -> ResolvedGenes:
        if resolve_as == "symbol":
            refuse_mouse_symbols(gene_ids)
        found = self.symbols.resolve_all(
            gene_ids, resolve_as, wanted=self.wanted, on_ambiguous=self.on_ambiguous
        )
        keep_unknown = resolve_as in _KEEP_UNKNOWN
        fits = dict(zip(gene_ids, found.symbols, strict=True))
        if keep_unknown:
            fits |= {gene_id: _bare_symbol(gene_id) for gene_id in found.unknown}
        ids = gene_ids if aligned is None else aligned
        genes = tuple(None if gene_id is None else fits[gene_id] for gene_id in ids)
        if not any(genes):
            raise _no_gene(gene_ids, id_type, self.symbols.name)
        said = (*steps, *_say(found, id_type, self.symbols.name, keep_unknown=keep_unknown))
        return ResolvedGenes(genes, id_type, said, found.renamed, found.unknown, found.ambiguous)


def _detect(gene_ids: Sequence[str], platforms: Sequence[str], file_name: str) -> IdType:
    refuse_excel_damage(gene_ids)
    id_type = detect_id_type(gene_ids)
    if id_type == "probe" or (id_type == "entrez" and platforms):
        raise needs_platform_map(gene_ids, platforms, file_name)
    return id_type


def _pair(name: str, hint: str) -> str | None:
    """Write `207_at` and `AKT1` as `AKT1 (207)`; controls and genes without a symbol are None."""
    if is_control_probe(name) or not hint:
        return None
    return f"{hint} ({name.removesuffix('_at').removeprefix('LOC')})"


def _bare_symbol(gene_id: str) -> str:
    match = SYMBOL_AND_ID.fullmatch(gene_id)
    return match["symbol"] if match else gene_id


def _say(found: Resolution, id_type: IdType, table: str, *, keep_unknown: bool) -> tuple[str, ...]:
    steps = [f"Gene ids are of type {id_type}, resolved with the symbol table {table}."]
    if found.renamed:
        pairs = [f"{old} -> {new}" for old, new in list(found.renamed.items())[:5]]
        steps.append(f"{len(found.renamed):,} symbols were renamed ({', '.join(pairs)} ...).")
    if found.unknown:
        fate = "keep their name" if keep_unknown else "were dropped"
        steps.append(f"{len(found.unknown):,} ids that the table does not know {fate}.")
    if found.ambiguous:
        fits = [f"{name}: {' or '.join(genes)}" for name, genes in found.ambiguous.items()]
        more = " ..." if len(fits) > N_AMBIGUOUS_NAMED else ""
        steps.append(
            f"{len(fits):,} ids that fit several genes were dropped "
            f"({'; '.join(fits[:N_AMBIGUOUS_NAMED])}{more})."
        )
    return tuple(steps)


def _no_gene(gene_ids: Sequence[str], id_type: IdType, table: str) -> GeneIdError:
    return GeneIdError(
        f"None of the {len(gene_ids):,} ids of type {id_type} ({', '.join(gene_ids[:3])}, ...) is "
        f"known to the symbol table {table}.",
        needed="human genes.",
        remedy="check the species and the id type, or use the whole HGNC table.",
    )
