"""Options that commands share, and the checking of their words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import CupromarkError

if TYPE_CHECKING:
    from features.reading import ReadLimits

ALIGNMENTS = ("auto", "none", "quantile", "rank")
USER_ERROR = 2
INTERRUPTED = 130
REFUSED = 1

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="CUPROMARK_STORE",
        help="Folder of the local store, or address of an MLflow server.",
    ),
]
Scale = Annotated[
    str,
    typer.Option(
        help="What the values are: log2_tpm, tpm, fpkm, log2_fpkm, counts, rma_log2, mas5_linear."
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="csv, tsv, parquet, gct, series_matrix, xena, depmap, gdsc_rma, h5ad; "
        "detected when it is not given.",
    ),
]
PlatformMap = Annotated[
    Path | None, typer.Option(help="Table of probes and symbols, for files by probe.")
]
Orientation = Annotated[
    str | None,
    typer.Option(
        help="genes_by_samples or samples_by_genes, for csv, tsv and parquet; detected when it is "
        "not given."
    ),
]
MaxBytes = Annotated[
    int | None,
    typer.Option(min=1, help="Largest size of the file, decompressed; 4 GiB when not given."),
]
BundleName = Annotated[
    str, typer.Option("--bundle", help="Folder of a bundle, or version or alias in the store.")
]
Cohorts = Annotated[
    str, typer.Option(help="A cohort of `cupromark data list`, or `table` for files of your own.")
]
NamedCohort = Annotated[str, typer.Option(help="A cohort of `cupromark data list`.")]
RandomSets = Annotated[
    int,
    typer.Option(
        min=0,
        help="Random gene sets and the other controls that each drug is held against; 0 for none, "
        "and then no drug can be `supported`. 1000 for p-values to rely on.",
    ),
]
Drugs = Annotated[str | None, typer.Option(help="Names, parted by commas.")]


class UsageError(CupromarkError):
    """Options that do not go together, or a word that is none of those taken."""


def split_names(names: str) -> list[str]:
    """Names parted by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def checked_scale(scale: str) -> Any:
    """One of the scales of `features.expression`."""
    from features.expression import SCALES

    return one_of("--scale", scale, SCALES)


def read_limits(max_bytes: int | None) -> ReadLimits:
    """Limits of reading a file, with its largest size where that was given."""
    from features.reading import ReadLimits

    return ReadLimits() if max_bytes is None else ReadLimits(max_bytes=max_bytes)


def checked_orientation(orientation: str | None) -> Any:
    """How a table lies, None to find out."""
    if orientation is None:
        return None
    return one_of("--orientation", orientation, ("genes_by_samples", "samples_by_genes"))


def one_of(option: str, given: str, allowed: Sequence[str]) -> Any:
    """Give the word back where it is allowed; the error names close ones."""
    if given in allowed:
        return given
    close = difflib.get_close_matches(given.lower(), allowed, n=2)
    raise UsageError(
        f"{option} {given!r} is not known.",
        needed=f"one of {', '.join(allowed)}.",
        remedy=f"did you mean {' or '.join(close)}?" if close else "name one of these.",
    )


def refuse_overwriting(out: Path | None, inputs: Sequence[Path | None]) -> None:
    """Refuse to write over a file that the command reads."""
    for path in inputs:
        if out is not None and path is not None and out.resolve() == path.resolve():
            raise UsageError(
                f"--out names {out}, which is read here.",
                needed="another file for the answers.",
                remedy="choose another name; nothing was written.",
            )
