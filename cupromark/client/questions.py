"""What is asked: the keyword arguments of the calls, the same for both clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Required, TypedDict

Scale = Literal["log2_tpm", "tpm", "fpkm", "log2_fpkm", "counts", "rma_log2", "mas5_linear"]
Align = Literal["auto", "none", "quantile", "rank"]
Lineage = str | Mapping[str, str]
Filter = str | float | Sequence[str]


class Profiles(TypedDict, total=False):
    """A matrix of profiles.

    Attributes
    ----------
    genes
        Names of the columns: symbols, Ensembl or Entrez ids.
    values
        (n_samples, n_genes) numbers; an array or a list of rows.
    scale
        What the values are.
    ids
        Names of the samples.
    """

    genes: Required[Sequence[str]]
    values: Required[Any]
    scale: Required[Scale]
    ids: Sequence[str] | None


class File(TypedDict, total=False):
    """How a file is to be read.

    Attributes
    ----------
    scale
        What the values are.
    format, orientation
        As docs/files.md names them; detected where they are left out.
    platform_map
        Table of probes and genes that goes with a series matrix.
    """

    scale: Required[Scale]
    format: str | None
    orientation: Literal["genes_by_samples", "samples_by_genes"] | None
    platform_map: str | Path | None


class Asked(TypedDict, total=False):
    """What is asked about profiles.

    Attributes
    ----------
    drugs
        Names; left out, every drug that is not withheld.
    level
        Of the conformal sets, between 0 and 1; 0.8 when left out.
    align
        How profiles are brought to the scale of the training cohort.
    lineage
        Tissue of origin of all samples, or by sample.
    """

    drugs: Sequence[str] | None
    level: float | None
    align: Align | None
    lineage: Lineage | None


class Top(TypedDict, total=False):
    """How many genes, and how many gene sets, are named of each answer; 10 when left out."""

    top: int | None


class AskedOfProfiles(Profiles, Asked, total=False):
    """Arguments of `predict`."""


class AskedOfFile(File, Asked, total=False):
    """Arguments of `predict_file` beside the file."""


class ExplainedProfiles(AskedOfProfiles, Top, total=False):
    """Arguments of `explain`."""


class ExplainedFile(AskedOfFile, Top, total=False):
    """Arguments of `explain_file` beside the file."""
