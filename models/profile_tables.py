"""Profiles that came as a table in memory, taken through the steps of a file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.errors import CellError
from features.expression import Expression, ReadingReport, Scale
from features.readers.duplicates import check_names, gather_genes
from features.readers.gene_resolution import GeneResolver
from features.readers.raw_matrix import RawMatrix
from features.symbols import SymbolTable
from models.errors import PredictionError
from models.profile_values import declared, log2_of, refuse_non_finite

SAMPLE_COLUMN, LINEAGE_COLUMN = "sample_id", "lineage"
SOURCE = "the table"


def expression_of(table: pd.DataFrame, *, scale: Scale | None, symbols: SymbolTable) -> Expression:
    """Take a table of profiles to symbols, log2 and one column a gene.

    Parameters
    ----------
    table
        Samples x gene ids; `sample_id` and `lineage` may stand among the columns. Without
        `sample_id` the index names the samples.
    scale
        What the values are, as their source states.
    symbols
        Names of genes, such as those of the bundle; others keep their name.

    Raises
    ------
    ScaleError
        No scale was declared, or the values contradict it.
    CellError
        Cells that are not finite numbers.
    PredictionError
        No sample, or no gene.
    GeneIdError, SampleError
        Ids that cannot be used, or samples that are duplicated.
    """
    scale = declared(scale)
    raw = _raw_matrix(table)
    check_names(raw.sample_ids, raw.gene_ids, SOURCE)
    resolved = GeneResolver(symbols, on_ambiguous="drop").resolve(raw, SOURCE)
    values, scale_steps = log2_of(raw.values, scale, source=SOURCE)
    values, genes, duplicated = gather_genes(values, resolved.genes, rule="mean", file_name=SOURCE)
    report = ReadingReport(
        format="table",
        orientation="samples_by_genes",
        delimiter=None,
        id_type=resolved.id_type,
        n_samples=len(raw.sample_ids),
        n_ids=len(raw.gene_ids),
        n_genes=len(genes),
        steps=(*resolved.steps, *scale_steps),
        renamed=resolved.renamed,
        unknown=resolved.unknown,
        ambiguous=resolved.ambiguous,
        duplicated=duplicated,
    )
    frame = pd.DataFrame(values, index=list(raw.sample_ids), columns=list(genes))
    return Expression(frame, scale, resolved.id_type, SOURCE, report)


def lineage_of(table: pd.DataFrame) -> dict[str, str] | None:
    """Lineage by sample, where the table has such a column."""
    if LINEAGE_COLUMN not in table.columns:
        return None
    pairs = zip(_sample_ids(table), table[LINEAGE_COLUMN], strict=True)
    return {sample: str(lineage) for sample, lineage in pairs if not pd.isna(lineage)}


def _raw_matrix(table: pd.DataFrame) -> RawMatrix:
    numbers = table.drop(columns=[SAMPLE_COLUMN, LINEAGE_COLUMN], errors="ignore")
    if not numbers.size:
        raise PredictionError(
            f"The table holds {numbers.shape[0]} samples and {numbers.shape[1]} genes.",
            needed="at least one sample and one gene.",
            remedy="pass a row a sample and a column a gene.",
        )
    try:
        values = np.array(numbers.to_numpy(dtype=np.float32), order="C", copy=True)
    except (TypeError, ValueError) as error:
        raise CellError(
            f"The table holds something other than numbers ({error}).",
            needed="a number for every gene of every sample.",
            remedy="remove columns that are not genes; name samples in the column sample_id.",
        ) from error
    refuse_non_finite(values, [str(gene) for gene in numbers.columns], source=SOURCE)
    return RawMatrix(
        values=values,
        sample_ids=tuple(_sample_ids(table)),
        gene_ids=tuple(str(gene) for gene in numbers.columns),
        orientation="samples_by_genes",
        delimiter=None,
        steps=(),
    )


def _sample_ids(table: pd.DataFrame) -> list[str]:
    named = table[SAMPLE_COLUMN] if SAMPLE_COLUMN in table.columns else table.index
    return [str(sample) for sample in named]
