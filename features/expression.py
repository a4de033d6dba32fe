"""What every reader ends in: the expression of samples, in one shape and one scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import pandas as pd

Scale = Literal["log2_tpm", "tpm", "fpkm", "counts", "rma_log2", "mas5_linear", "log2_fpkm"]
SCALES: tuple[Scale, ...] = get_args(Scale)

IdType = Literal["symbol", "entrez", "entrez_at", "ensembl", "symbol_entrez", "probe"]


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """What a reader found and what was done to it, in words and numbers.

    `steps` are sentences in the order in which things were done; the rest are the counts and names
    behind them, so that a program can use them.
    """

    format: str
    orientation: Literal["genes_by_samples", "samples_by_genes"]
    delimiter: str | None
    id_type: IdType
    n_samples: int
    n_ids: int
    n_genes: int
    steps: tuple[str, ...]
    renamed: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)
    duplicated: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expression:
    """Expression of samples.

    Attributes
    ----------
    values
        DataFrame, samples x genes, float32, log2; the index holds unique sample ids (str), the
        columns unique approved gene symbols (or the ids as given where no table knew them).
    scale
        What the file held, as its caller declared it; `values` are log2 whatever it was.
    id_type
        The kind of gene identifier that the file held.
    source
        Name of the file, or of the series.
    report
        What was found and done.
    """

    values: pd.DataFrame
    scale: Scale
    id_type: IdType
    source: str
    report: ReadingReport

    @property
    def samples(self) -> list[str]:
        """Sample ids, in the order of the rows."""
        return [str(sample) for sample in self.values.index]

    @property
    def genes(self) -> list[str]:
        """Gene symbols, in the order of the columns."""
        return [str(gene) for gene in self.values.columns]
