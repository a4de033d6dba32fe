"""`claims test` and `claims page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.groups import claims_app
from cupromark.options import Json, NamedCohort, Store
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand, load_named_bundle, n_jobs_here

if TYPE_CHECKING:
    from models.bundle import Bundle
    from training.claims_testing.ledger import Ledger


@claims_app.command(
    "test", epilog="Example: cupromark claims test --cohort depmap-gdsc2 --out ledger.csv"
)
def claims_test(
    cohort: NamedCohort,
    out: Annotated[Path | None, typer.Option(help="CSV of the ledger, one row a claim.")] = None,
    page: Annotated[Path | None, typer.Option(help="HTML page of the ledger.")] = None,
    bundle: Annotated[
        str | None,
        typer.Option(
            help="Folder, version or alias of a bundle trained on this cohort: the ledger then "
            "says which way its classifiers lean."
        ),
    ] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Test every claim of the reviews that a cohort can test, and write the ledger."""
    from training.claims_testing.page import write_page
    from training.claims_testing.summary import describe_leanings, describe_tested

    ledger = _test_claims(cohort, None if bundle is None else load_named_bundle(bundle, store))
    if out is not None:
        ledger.to_csv(out)
    if page is not None:
        write_page(ledger, page)
    if as_json:
        print_json(ledger.to_json())
        return
    for verdict, number in ledger.counts().items():
        typer.echo(f"{number:>5}  {verdict}")
    for sentence in (*describe_tested(ledger), *describe_leanings(ledger)):
        typer.echo(sentence)


@claims_app.command("page", epilog="Example: cupromark claims page ccle-gdsc2 > claims.md")
def claims_page(
    cohorts: Annotated[list[str], typer.Argument(help="Cohorts to test the claims on.")],
    as_json: Json = False,
) -> None:
    """Write a page (Markdown) of the claims by gene and drug, with their verdicts."""
    from training.claims_testing.markdown import ledger_markdown

    ledgers = [_test_claims(cohort) for cohort in cohorts]
    if as_json:
        print_json([ledger.to_json() for ledger in ledgers])
    else:
        typer.echo(ledger_markdown(ledgers), nl=False)


def _test_claims(cohort: str, bundle: Bundle | None = None) -> Ledger:
    from features.claims import load_claims
    from features.gene_sets import load_gene_sets
    from training.claims_testing.testing import test_claims
    from training.cohort import load_cohort

    with files_at_hand(progress_console()) as files:
        loaded = load_cohort(cohort, files=files)
    return test_claims(load_claims(), loaded, load_gene_sets(), n_jobs=n_jobs_here(), bundle=bundle)
