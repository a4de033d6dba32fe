"""`explain`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.groups import app
from cupromark.options import (
    ALIGNMENTS,
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
    from pandas import DataFrame

    from models.explanation import Explanations

MOST_PRINTED = 20


@app.command(
    epilog="Example: cupromark explain profiles.csv --scale log2_tpm --drugs Cisplatin --top 8"
)
def explain(
    file: Annotated[Path, typer.Argument(help="Expression profiles.")],
    scale: Scale,
    drugs: Drugs = None,
    top: Annotated[
        int, typer.Option(min=0, help="Entries for each sample and drug; 0 for all of them.")
    ] = 10,
    by: Annotated[str, typer.Option(help="gene, set or feature.")] = "gene",
    out: Annotated[
        Path | None, typer.Option(help="CSV to write, one row an entry; text without it.")
    ] = None,
    format: Format = None,
    platform_map: PlatformMap = None,
    orientation: Orientation = None,
    bundle: BundleName = "champion",
    align: Annotated[str, typer.Option(help="auto, none, quantile or rank.")] = "auto",
    lineage: Annotated[
        str | None, typer.Option(help="Tissue of all the samples, such as `Ovary/Fallopian Tube`.")
    ] = None,
    max_bytes: MaxBytes = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Say which genes each answer rests on, what is claimed of them, and the nearest lines."""
    from models.attribution import GROUPINGS
    from models.explanation import explain as explain_expression
    from models.profile_files import read_profiles, write_answers
    from models.suggestion import suggest_bundle

    declared, method = checked_scale(scale), one_of("--align", align, ALIGNMENTS)
    grouping = one_of("--by", by, GROUPINGS)
    refuse_overwriting(out, (file, platform_map))
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
    try:
        explanations = explain_expression(
            loaded,
            profiles,
            drugs=None if drugs is None else split_names(drugs),
            align=method,
            lineage=lineage,
            by=grouping,
            top=top or None,
        )
    except CoverageError as error:
        raise suggest_bundle(error, profiles, loaded, open_store(store)) from error
    if out is not None:
        write_answers(explanations.table, out)
    _say(explanations, profiles.report.steps, out)
    if as_json:
        print_json(_as_json(explanations, profiles.report.steps))
    elif out is None:
        _print_explanations(explanations)


def _say(explanations: Explanations, steps: Sequence[str], out: Path | None) -> None:
    for sentence in (*steps, *explanations.notes):
        typer.echo(f"- {sentence}", err=True)
    if out is not None:
        typer.echo(f"{len(explanations.table):,} rows written to {out}", err=True)


def _as_json(explanations: Explanations, steps: Sequence[str]) -> dict[str, Any]:
    return {
        "by": explanations.by,
        "answers": _rows(explanations.answers),
        "attributions": _rows(explanations.table),
        "nearest_training_lines": _rows(explanations.nearest),
        "notes": [*explanations.notes],
        "reading": [*steps],
    }


def _rows(table: DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", double_precision=15))


def _print_explanations(explanations: Explanations) -> None:
    from models.explanation_text import describe_explanation

    pairs = explanations.answers[["sample_id", "drug"]].itertuples(index=False)
    for number, (sample, drug) in enumerate(pairs):
        if number == MOST_PRINTED:
            n_more = len(explanations.answers) - MOST_PRINTED
            typer.echo(f"{n_more} more answers: write all with --out, or name fewer --drugs.")
            break
        for line in describe_explanation(explanations, sample, drug):
            typer.echo(line)
        typer.echo()
