"""`report`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.groups import app
from cupromark.options import BundleName, Json, Store, UsageError, one_of, split_names
from cupromark.printing import print_json, progress_console
from cupromark.stores import load_named_bundle

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.reports.report_files import WrittenReport
    from models.reports.report_maker import ReportMaker


@app.command(epilog="Example: cupromark report --drug Cisplatin --out cisplatin.pdf")
def report(
    out: Annotated[Path, typer.Option(help="File .html or .pdf to write; with --drugs, a folder.")],
    drug: Annotated[str | None, typer.Option(help="The drug to report on.")] = None,
    drugs: Annotated[
        str | None, typer.Option(help="Several drugs, parted by commas, or `all`.")
    ] = None,
    bundle: BundleName = "champion",
    format: Annotated[
        str, typer.Option("--format", help="html or pdf, of the reports in a folder.")
    ] = "html",
    ledger: Annotated[
        Path | None,
        typer.Option(
            help="What `cupromark claims test` wrote for the bundle's cohort (CSV or JSON); "
            "evidence/claims-COHORT.csv or .json in the store when not given."
        ),
    ] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Write a printable report of a drug: verdict, evidence, reasons, claims, limits, provenance.

    PDF is printed by Chromium, which must be installed.
    """
    from models.reports.report_files import FORMATS, write_report, write_reports

    if (drug is None) == (drugs is None):
        raise UsageError(
            "Neither --drug nor --drugs was given." if drug is None else "Both --drug and --drugs.",
            needed="one drug and a file, or several drugs and a folder.",
            remedy="name one drug with --drug, or several (or `all`) with --drugs.",
        )
    ending = one_of("--format", format, FORMATS)
    _refuse_wrong_kind(out, of_several=drugs is not None)
    loaded = load_named_bundle(bundle, store)
    names = _chosen(loaded, drug, drugs)
    maker = _maker(loaded, ledger or _kept_ledger(loaded, store))
    if drug is not None:
        written = [write_report(maker.report(names[0]), out)]
    else:
        with _progress(len(names)) as done:
            written = write_reports(maker, names, out, ending=ending, done=done)
    _say(written, out, as_json=as_json)


def _chosen(bundle: Bundle, drug: str | None, drugs: str | None) -> list[str]:
    from models.drug_choice import choose_drugs

    if drugs is not None and drugs.strip().lower() == "all":
        return list(bundle.drugs)
    asked = [drug] if drug is not None else split_names(drugs or "")
    return [model.drug for model in choose_drugs(bundle, asked)[0]]


def _maker(bundle: Bundle, ledger: Path | None) -> ReportMaker:
    from models.reports.ledger_file import read_ledger
    from models.reports.report_maker import ReportMaker
    from training.catalogue import load_catalogue

    rows = None if ledger is None else read_ledger(ledger, cohort=bundle.cohort)
    references = {name: file.citation for name, file in load_catalogue().files.items()}
    return ReportMaker.of(bundle, ledger=rows, references=references)


def _kept_ledger(bundle: Bundle, store: str) -> Path | None:
    """Find the ledger of the bundle's cohort in the store's folder, where somebody put one."""
    from models.reports.ledger_file import kept_ledger
    from models.store_place import is_address

    return None if is_address(store) else kept_ledger(Path(store), cohort=bundle.cohort)


def _refuse_wrong_kind(out: Path, *, of_several: bool) -> None:
    if of_several and out.exists() and not out.is_dir():
        found, remedy = f"--out names the file {out}.", "name a folder for reports of several drugs"
    elif not of_several and out.is_dir():
        found, remedy = f"--out names the folder {out}.", "name a file that ends in .html or .pdf"
    else:
        return
    raise UsageError(
        found,
        needed="a folder with --drugs, a file with --drug.",
        remedy=f"{remedy}; nothing was written.",
    )


@contextmanager
def _progress(n_drugs: int) -> Iterator[Callable[[WrittenReport], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Gone
    from rich.progress import TimeRemainingColumn as Left

    columns = (TextColumn("{task.description:<32.32}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, Gone(), TextColumn("left"), Left(), console=progress_console()) as bars:
        task = bars.add_task("Writing reports", total=n_drugs)
        yield lambda one: bars.update(task, advance=1, description=f"Wrote {one.drug}")


def _say(written: list[WrittenReport], out: Path, *, as_json: bool) -> None:
    for reason in dict.fromkeys(reason for one in written for reason in one.missing):
        typer.echo(f"Not in it: {reason}", err=True)
    if as_json:
        print_json({"written": [_as_json(one) for one in written]})
        return
    if out.is_dir():
        typer.echo(f"{len(written)} reports; begin at {out / 'index.html'}")
        return
    for one in written:
        typer.echo(f"{one.path}: {one.drug}, {one.status}, {one.n_bytes:,} bytes")


def _as_json(one: WrittenReport) -> dict[str, Any]:
    return {
        "drug": one.drug,
        "status": one.status,
        "file": str(one.path),
        "bytes": one.n_bytes,
        "missing": list(one.missing),
    }
