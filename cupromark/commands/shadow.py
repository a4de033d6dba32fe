"""`shadow`: how the challenger answers the same requests as the champion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.databases import DEFAULT_STATE, Address, State, opened_database
from cupromark.groups import shadow_app
from cupromark.options import Json, UsageError
from cupromark.printing import print_json

if TYPE_CHECKING:
    from serving.database.engine import Database
    from serving.shadow.store import Pair

SHOWN_DRUGS = 10
LABELS = {"no_call": "no call", "sensitive": "sensitive", "resistant": "resistant"}


@shadow_app.command(epilog="Example: cupromark shadow show --json")
def show(
    challenger: Annotated[
        str | None,
        typer.Option(
            help="Version of a challenger, or the beginning of its sha256; the one compared last "
            "when not given."
        ),
    ] = None,
    champion: Annotated[
        str | None, typer.Option(help="The same of the champion that it was held against.")
    ] = None,
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Say how a challenger answered the same requests as the champion."""
    with opened_database(database, state) as opened:
        found = _found(opened, challenger, champion)
    if as_json:
        print_json({"pair": found})
    elif found is None:
        typer.echo(
            "Nothing was compared yet: the service needs a challenger and a `shadow_share` above 0."
        )
    else:
        _print(found)


def _found(
    database: Database, challenger: str | None, champion: str | None
) -> dict[str, Any] | None:
    from serving.shadow.store import list_pairs, shadow_summary

    known = [pair for pair, _ in list_pairs(database)]
    fitting = [pair for pair in known if _fits(pair, challenger, champion)]
    if not fitting:
        if challenger is None and champion is None:
            return None
        shown = ", ".join(f"{one.challenger} against {one.champion}" for one in known)
        raise UsageError(
            "These two bundles were never compared in the shadow.",
            needed=f"one of {shown or 'none so far'}.",
            remedy="leave the options out for the pair that was compared last.",
        )
    summary = shadow_summary(database, fitting[0].challenger_sha256, fitting[0].champion_sha256)
    return None if summary is None else summary.to_json()


def _fits(pair: Pair, challenger: str | None, champion: str | None) -> bool:
    return all(
        asked is None or asked == version or (len(asked) >= 6 and sha256.startswith(asked))
        for asked, version, sha256 in (
            (challenger, pair.challenger, pair.challenger_sha256),
            (champion, pair.champion, pair.champion_sha256),
        )
    )


def _print(found: dict[str, Any]) -> None:
    typer.echo(
        f"Version {found['challenger']['version']} in the shadow of version "
        f"{found['champion']['version']}; {found['n_requests']:,} requests, "
        f"{found['n_answers']:,} answers."
    )
    changed, ratio = found["share_changed"], found["latency_ratio"]
    if changed is not None:
        typer.echo(f"other label: {found['n_changed']:,} answers ({changed:.1%})")
    if ratio is not None:
        typer.echo(
            f"time: {found['challenger_ms']:.2f} ms a request, champion "
            f"{found['champion_ms']:.2f} ms ({ratio:.2f} times)"
        )
    if found["n_missing"] or found["n_refused"] or found["n_failed"]:
        typer.echo(
            f"not answered: {found['n_missing']:,} answers; {found['n_refused']:,} requests "
            f"refused, {found['n_failed']:,} failed"
        )
    _print_changes(found["changes"])
    _print_drugs([one for one in found["drugs"] if one["n"]])


def _print_changes(changes: dict[str, int]) -> None:
    typer.echo(f"\n{'champion':<12}" + "".join(f"{f'-> {word}':>14}" for word in LABELS.values()))
    for before, word in LABELS.items():
        counts = (changes[f"{before}_to_{after}"] for after in LABELS)
        typer.echo(f"{word:<12}" + "".join(f"{count:>14,}" for count in counts))


def _print_drugs(drugs: list[dict[str, Any]]) -> None:
    typer.echo(f"\n{'drug':<24} {'answers':>8} {'difference':>11} {'sd':>6} {'other label':>12}")
    for one in drugs[:SHOWN_DRUGS]:
        sd = "-" if one["sd"] is None else f"{one['sd']:.2f}"
        typer.echo(
            f"{one['drug']:<24} {one['n']:>8,} {one['mean']:>+11.2f} {sd:>6} "
            f"{one['share_changed']:>12.1%}"
        )
    if len(drugs) > SHOWN_DRUGS:
        typer.echo(f"and {len(drugs) - SHOWN_DRUGS:,} more; all of them with --json.")
