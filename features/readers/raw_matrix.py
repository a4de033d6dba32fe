"""What every reader returns, and what every reader is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.expression import IdType
from features.readers.text_files import ReadLimits

Orientation = Literal["genes_by_samples", "samples_by_genes"]


@dataclass(frozen=True, slots=True)
class RawMatrix:
    """A matrix as its file holds it: ids unresolved, scale as declared by nobody yet.

    Attributes
    ----------
    values
        Samples x ids, float32, finite.
    sample_ids, gene_ids
        Names of the rows and of the columns, duplicates and all.
    orientation
        How the file lay; `values` are samples x ids whatever it was.
    delimiter
        What parts the fields of a text file, else None.
    steps
        What was found and done, one sentence each.
    id_type
        The kind of gene id where the format settles it, else None.
    platforms
        GEO platforms of the samples (`GPL570`), where the file names them.
    symbol_hints
        Beside `<entrez>_at` ids: the symbol that the file gives each, "" for none.
    """

    values: NDArray[np.float32]
    sample_ids: tuple[str, ...]
    gene_ids: tuple[str, ...]
    orientation: Orientation
    delimiter: str | None
    steps: tuple[str, ...]
    id_type: IdType | None = None
    platforms: tuple[str, ...] = ()
    symbol_hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader is told.

    Attributes
    ----------
    count_genes
        How many of some names are gene ids beyond doubt; tells genes from samples.
    orientation
        Declared by the caller; None to detect it where the format does not fix it.
    platform_map
        Probe-to-symbol table, where the caller gave one.
    limits
        How much a file may decompress to.
    allow_h5ad
        Whether h5ad files are taken at all.
    """

    count_genes: Callable[[Sequence[str]], int]
    orientation: Orientation | None = None
    platform_map: Path | None = None
    limits: ReadLimits = field(default_factory=ReadLimits)
    allow_h5ad: bool = False
