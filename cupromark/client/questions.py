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


class AskedJob(TypedDict, total=False):
    """A job for the workers: `retrain` with a cohort, or `promote` with a bundle.

    Attributes
    ----------
    kind
        What is done.
    cohort, drugs
        What is trained on; "all", or names.
    random_sets, seed, n_folds, n_seeds, batch_drugs
        As docs/jobs.md describes them.
    promote
        Whether the gate decides about it, or it is registered alone.
    bundle
        Version or alias of a promotion.
    policy, drill, reason, force
        As docs/jobs.md describes them.
    """

    kind: Required[Literal["retrain", "promote"]]
    cohort: str
    drugs: Literal["all"] | Sequence[str]
    random_sets: int
    seed: int
    n_folds: int
    n_seeds: int
    batch_drugs: int
    promote: Literal["never", "if_better"]
    bundle: str
    policy: str | None
    drill: Literal["shuffled_labels"] | None
    reason: str
    force: bool
