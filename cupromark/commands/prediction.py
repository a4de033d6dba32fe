"""`predict` and `validate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.approved_answers import Approvals, held_to
from cupromark.groups import app
from cupromark.options import (
    ALIGNMENTS,
    USER_ERROR,
    BundleName,
    Drugs,
    Format,
    Json,
    MaxBytes,
    Orientation,
    PlatformMap,
    Scale,
    Store,
    checked_orientation,
    checked_scale,
    one_of,
    read_limits,
    refuse_overwriting,
    split_names,
)
from cupromark.printing import print_json
from cupromark.stores import load_named_bundle, open_store
from features.errors import CoverageError

if TYPE_CHECKING:
    from models.prediction import Predictions


@app.command(
    epilog="Example: cupromark predict GSE15709_series_matrix.txt.gz --scale mas5_linear "
    "--platform-map GPL570_probe2symbol.tsv --drugs Cisplatin --out predictions.csv"
)
def predict(
    file: Annotated[Path, typer.Argument(help="Expression profiles.")],
    scale: Scale,
    out: Annotated[
        Path | None, typer.Option(help="CSV to write; standard output without it.")
    ] = None,
    format: Format = None,
    platform_map: PlatformMap = None,
    orientation: Orientation = None,
    drugs: Drugs = None,
    bundle: BundleName = "champion",
    align: Annotated[str, typer.Option(help="auto, none, quantile or rank.")] = "auto",
    level: Annotated[float, typer.Option(help="Level of the conformal sets, 0 to 1.")] = 0.8,
    lineage: Annotated[
        str | None, typer.Option(help="Tissue of all the samples, such as `Ovary/Fallopian Tube`.")
    ] = None,
    approvals: Approvals = None,
    max_bytes: MaxBytes = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Predict how sensitive each sample is to each drug."""
    from models.prediction import predict as predict_expression
    from models.profile_files import read_profiles, write_answers
    from models.suggestion import suggest_bundle

    declared, method = checked_scale(scale), one_of("--align", align, ALIGNMENTS)
    refuse_overwriting(out, (file, platform_map, approvals))
    loaded = load_named_bundle(bundle, store)
    profiles = read_profiles(
        file,
        loaded,
        scale=declared,
        format=format,
        platform_map=platform_map,
        orientation=checked_orientation(orientation),
        limits=read_limits(max_bytes),
    )
    ask = partial(predict_expression, loaded, profiles, align=method, level=level, lineage=lineage)
    named = None if drugs is None else split_names(drugs)
    try:
        answers = held_to(approvals, loaded, named, lambda some: ask(drugs=some))
    except CoverageError as error:
        raise suggest_bundle(error, profiles, loaded, open_store(store)) from error
    _print_answers(answers, profiles.report.steps, out, write_answers, as_json=as_json)


@app.command(epilog="Example: cupromark validate profiles.csv --scale log2_tpm")
def validate(
    file: Annotated[Path, typer.Argument(help="Expression profiles.")],
    scale: Scale,
    format: Format = None,
    platform_map: PlatformMap = None,
    orientation: Orientation = None,
    bundle: BundleName = "champion",
    max_bytes: MaxBytes = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Say what is in a file, whether it would be accepted, and which panel genes are missing."""
    from models.validation import validate_file

    validation = validate_file(
        file,
        scale=checked_scale(scale),
        panel=load_named_bundle(bundle, store),
        format=format,
        platform_map=platform_map,
        orientation=checked_orientation(orientation),
        limits=read_limits(max_bytes),
    )
    if as_json:
        print_json(validation.to_json())
    else:
        for step in validation.report.steps:
            typer.echo(f"- {step}")
        typer.echo(f"{validation.report.n_samples:,} samples, {validation.report.n_genes:,} genes.")
        typer.echo(f"{'Accepted' if validation.accepted else 'Refused'}: {validation.reason}")
        if validation.missing_genes:
            typer.echo(f"Missing: {', '.join(validation.missing_genes)}")
    raise typer.Exit(0 if validation.accepted else USER_ERROR)


def _print_answers(
    answers: Predictions,
    steps: Sequence[str],
    out: Path | None,
    write: Callable[[Any, Path], None],
    *,
    as_json: bool,
) -> None:
    if out is not None:
        write(answers.table, out)
    for sentence in (*steps, *answers.notes):
        typer.echo(f"- {sentence}", err=True)
    if out is not None:
        typer.echo(f"{len(answers.table):,} rows written to {out}", err=True)
    if as_json:
        rows = json.loads(answers.table.to_json(orient="records", double_precision=15))
        print_json({"predictions": rows, "notes": [*answers.notes], "reading": [*steps]})
    elif out is None:
        typer.echo(answers.table.to_csv(index=False), nl=False)
