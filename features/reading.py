"""Reading expression files: any format in, one `Expression` out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import CoverageError
from features.expression import Expression, ReadingReport, Scale
from features.gene_ids import detect_id_type
from features.readers.duplicates import DuplicateRule, check_names, gather_genes
from features.readers.formats import FORMATS, Format, detect_format, find_format
from features.readers.gene_resolution import GeneResolver, OnAmbiguous, ResolvedGenes
from features.readers.raw_matrix import Orientation, RawMatrix, ReadOptions
from features.readers.text_files import ReadLimits
from features.scales import check_scale, to_log2
from features.symbols import SymbolTable

__all__ = ["FORMATS", "ReadLimits", "read_expression"]


def read_expression(
    path: Path | str,
    *,
    scale: Scale,
    format: str | None = None,
    platform_map: Path | str | None = None,
    symbols: SymbolTable | None = None,
    wanted: Collection[str] | None = None,
    orientation: Orientation | None = None,
    duplicate_genes: DuplicateRule = "mean",
    on_ambiguous: OnAmbiguous = "error",
    limits: ReadLimits | None = None,
    allow_h5ad: bool = False,
) -> Expression:
    """Read a file of expression.

    Parameters
    ----------
    path
        The file.
    scale
        What its values are, as its source states; they are held to it.
    format
        csv, tsv, parquet, gct, series_matrix, xena, depmap, gdsc_rma or h5ad; None detects it.
    platform_map
        Table of probes and symbols, for files by probe.
    symbols
        Names of genes; None takes those of the shipped panel. Symbols that the table does not know
        keep their name; other unknown ids are dropped and counted.
    wanted
        Genes that matter: at least one must be there, and only theirs may not be ambiguous. Genes
        beyond these are kept all the same.
    orientation
        Declared for csv, tsv and parquet; None detects it.
    duplicate_genes
        What several rows of one gene become, on the log2 scale.
    on_ambiguous
        Whether ids that fit several genes are an error or dropped.
    limits
        How much a file may decompress to; None for the defaults.
    allow_h5ad
        Whether h5ad files are taken.

    Returns
    -------
    Expression
        Samples x genes, float32, log2, with the report of what was found and done.

    Raises
    ------
    ReadError
        `FormatError`, `CellError`, `ScaleError` or `LimitError`, or the file cannot be opened.
    GeneIdError, SampleError, CoverageError
        Ids that cannot be used, samples that are duplicated, no wanted gene.
    """
    path, limits = Path(path), limits or ReadLimits()
    table = SymbolTable.panel() if symbols is None else symbols
    mapped = None if platform_map is None else Path(platform_map)
    chosen = detect_format(path, limits) if format is None else find_format(format)
    options = ReadOptions(_gene_counter(table), orientation, mapped, limits, allow_h5ad)
    resolver = GeneResolver(table, wanted, on_ambiguous, mapped, limits)
    raw = chosen.read(path, options)
    return _finish(raw, path.name, chosen, resolver, scale=scale, duplicate_genes=duplicate_genes)


def _finish(
    raw: RawMatrix,
    source: str,
    chosen: Format,
    resolver: GeneResolver,
    *,
    scale: Scale,
    duplicate_genes: DuplicateRule,
) -> Expression:
    """Take a matrix of any format to symbols, log2 and one column a gene."""
    check_names(raw.sample_ids, raw.gene_ids, source)
    resolved = resolver.resolve(raw, source)
    scale_steps = check_scale(raw.values, scale, source=source)
    values, how = to_log2(raw.values, scale)
    values, genes, duplicated = gather_genes(
        values, resolved.genes, rule=duplicate_genes, file_name=source
    )
    _refuse_without_wanted(genes, resolver.wanted, source)
    steps = (*raw.steps, *resolved.steps, *scale_steps, how)
    if duplicated:
        steps = (*steps, f"{len(duplicated):,} genes had several rows: their {duplicate_genes}.")
    report = _report(raw, chosen, resolved, genes, duplicated)
    return Expression(
        values=_frame(values, raw.sample_ids, genes),
        scale=scale,
        id_type=resolved.id_type,
        source=source,
        report=replace(report, steps=steps),
    )


def _frame(
    values: NDArray[np.float32], samples: Sequence[str], genes: Sequence[str]
) -> pd.DataFrame:
    return pd.DataFrame(
        values,
        index=pd.Index(np.array(samples, dtype=object)),
        columns=pd.Index(np.array(genes, dtype=object)),
        copy=False,
    )


def _report(
    raw: RawMatrix,
    chosen: Format,
    resolved: ResolvedGenes,
    genes: Sequence[str],
    duplicated: dict[str, int],
) -> ReadingReport:
    return ReadingReport(
        format=chosen.name,
        orientation=raw.orientation,
        delimiter=raw.delimiter,
        id_type=resolved.id_type,
        n_samples=len(raw.sample_ids),
        n_ids=len(raw.gene_ids),
        n_genes=len(genes),
        steps=(),
        renamed=resolved.renamed,
        unknown=resolved.unknown,
        ambiguous=resolved.ambiguous,
        duplicated=duplicated,
    )


def _gene_counter(symbols: SymbolTable) -> Callable[[Sequence[str]], int]:
    """Count the names that can be nothing but genes: known symbols, and ids by their form."""

    def count_genes(names: Sequence[str]) -> int:
        named = [name for name in names if name and not name.isdecimal()]
        resolution = symbols.resolve_all(named, "symbol", on_ambiguous="drop")
        others = [*resolution.unknown]
        n_known = len(set(named)) - len(others)
        return n_known + sum(detect_id_type([name]) != "symbol" for name in others if name.strip())

    return count_genes


def _refuse_without_wanted(
    genes: Sequence[str], wanted: Collection[str] | None, source: str
) -> None:
    if wanted is None or not set(genes).isdisjoint(wanted):
        return
    raise CoverageError(
        f"None of the {len(wanted):,} genes that are asked for is among the {len(genes):,} genes "
        f"of {source} ({', '.join(genes[:5])}, ...).",
        needed="expression of genes of the panel.",
        remedy="check the species, the gene ids and the orientation of the file.",
    )
