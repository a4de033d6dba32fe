"""The command line: composes the packages, holds no logic.

Heavy packages are imported inside the commands, so that `cupromark --help` answers at once.
"""

from __future__ import annotations

import difflib
import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import CoverageError, CupromarkError

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console

    from features.reading import ReadLimits
    from models.bundle import Bundle
    from models.prediction import Predictions
    from models.store import BundleStore
    from training.claims_testing.ledger import Ledger
    from training.cohort import Cohort, TableCohort
    from training.evidence.report import EvidenceReport
    from training.files import FileSource
    from training.run import TrainingResult
    from training.settings import TrainingSettings

ALIGNMENTS = ("auto", "none", "quantile", "rank")
USER_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(
    name="cupromark",
    help="Predict cancer drug response from cuproptosis and mitochondrial-dynamics gene sets, "
    "and say how far to trust it. Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="Public data: list, fetch, verify.", no_args_is_help=True)
models_app = typer.Typer(
    help="Registered bundles: list, show, promote, roll back.", no_args_is_help=True
)
evidence_app = typer.Typer(
    help="What the predictions are worth: controls, random gene sets, cards.", no_args_is_help=True
)
claims_app = typer.Typer(help="The literature's claims, tested against data.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(evidence_app, name="evidence")
app.add_typer(claims_app, name="claims")
app.add_typer(models_app, name="models")

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


@app.command(epilog="Example: cupromark quickstart")
def quickstart(store: Store = "var", as_json: Json = False) -> None:
    """Train on public data, register, promote, predict a GEO series, and say what came out."""
    from features.gene_sets import load_gene_sets
    from training.quickstart import choose_cohort, quickstart_drugs
    from training.settings import TrainingSettings

    console = _console()
    with _files(console) as files:
        choice = choose_cohort(files, load_gene_sets())
        for reason in choice.reasons:
            console.print(reason, highlight=False, markup=False, soft_wrap=True)
        settings = TrainingSettings(drugs=quickstart_drugs(choice.cohort), n_jobs=_n_jobs())
        result, version = _train(choice.cohort, settings, _store(store), console, promote=True)
        example = None if choice.cohort.simulated else _predict_example(_store(store), files)
    if as_json:
        _print_json(_training_json(choice.cohort, result, version) | {"reasons": choice.reasons})
        return
    _print_training(choice.cohort, result)
    if example is not None:
        _print_example(example)
    _print_next_steps(version, store, simulated=choice.cohort.simulated)


@app.command(epilog="Example: cupromark train --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib")
def train(
    cohort: Cohorts,
    drugs: Annotated[str, typer.Option(help="Names parted by commas, or `all`.")] = "all",
    label: Annotated[str, typer.Option(help="tertile, waterfall or threshold.")] = "tertile",
    threshold: Annotated[
        float | None, typer.Option(help="Response at or below which a line is sensitive.")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Outer folds, grouped by patient.")] = 5,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of the outer folds.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="First seed; the others follow it.")] = 0,
    minimum_samples: Annotated[
        int | None,
        typer.Option("--min-samples", min=20, help="Samples a drug needs, for --drugs all."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; one a core by default.")
    ] = None,
    gene_sets: Annotated[
        Path | None, typer.Option(help="GMT file of gene sets to use instead of the shipped ones.")
    ] = None,
    expression: Annotated[
        Path | None, typer.Option(help="Your expression, for --cohort table.")
    ] = None,
    response: Annotated[
        Path | None, typer.Option(help="Your responses or labels, for --cohort table.")
    ] = None,
    scale: Annotated[str | None, typer.Option(help="Scale of your expression.")] = None,
    platform_map: PlatformMap = None,
    random_sets: RandomSets = 0,
    promote: Annotated[bool, typer.Option(help="Make the new version the champion.")] = False,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Train a classifier a drug, evaluate it on unseen lines, and register the bundle."""
    from training.cohort import load_cohort
    from training.evaluation import EvaluationSettings
    from training.evidence.controls import ControlSettings
    from training.settings import TrainingSettings

    settings = TrainingSettings(
        drugs="all" if drugs == "all" else _split(drugs),
        evaluation=EvaluationSettings(n_folds=folds, seeds=tuple(range(seed, seed + seeds))),
        label_method=_one_of("--label", label, ("tertile", "waterfall", "threshold")),
        threshold=threshold,
        minimum_samples=minimum_samples,
        controls=ControlSettings(n_random_sets=random_sets) if random_sets else None,
        n_jobs=jobs or _n_jobs(),
    )
    console = _console()
    with _files(console) as files:
        table = _table_cohort(cohort, expression, response, scale, platform_map)
        declared = None if scale is None else _scale(scale)
        loaded = load_cohort(
            cohort, files=files, table=table, scale=declared, platform_map=platform_map
        )
    result, version = _train(
        loaded, settings, _store(store), console, promote=promote, gene_sets=gene_sets
    )
    if as_json:
        _print_json(_training_json(loaded, result, version))
    else:
        _print_training(loaded, result)
        _print_version(version, store, promoted=promote)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


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
    max_bytes: MaxBytes = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Predict how sensitive each sample is to each drug."""
    from models.prediction import predict as predict_expression
    from models.profile_files import read_profiles, write_answers
    from models.suggestion import suggest_bundle

    declared, method = _scale(scale), _one_of("--align", align, ALIGNMENTS)
    _refuse_overwriting(out, (file, platform_map))
    loaded = _load_bundle(bundle, store)
    profiles = read_profiles(
        file,
        loaded,
        scale=declared,
        format=format,
        platform_map=platform_map,
        orientation=_orientation(orientation),
        limits=_limits(max_bytes),
    )
    try:
        answers = predict_expression(
            loaded,
            profiles,
            drugs=None if drugs is None else _split(drugs),
            align=method,
            level=level,
            lineage=lineage,
        )
    except CoverageError as error:
        raise suggest_bundle(error, profiles, loaded, _store(store)) from error
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
        scale=_scale(scale),
        panel=_load_bundle(bundle, store),
        format=format,
        platform_map=platform_map,
        orientation=_orientation(orientation),
        limits=_limits(max_bytes),
    )
    if as_json:
        _print_json(validation.to_json())
    else:
        for step in validation.report.steps:
            typer.echo(f"- {step}")
        typer.echo(f"{validation.report.n_samples:,} samples, {validation.report.n_genes:,} genes.")
        typer.echo(f"{'Accepted' if validation.accepted else 'Refused'}: {validation.reason}")
        if validation.missing_genes:
            typer.echo(f"Missing: {', '.join(validation.missing_genes)}")
    raise typer.Exit(0 if validation.accepted else USER_ERROR)


@app.command(epilog="Example: cupromark mlflow --port 5000")
def mlflow(
    store: Store = "var",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 5000,
) -> None:
    """Open MLflow's pages on the local store."""
    uri = _store(store).tracking_uri
    typer.echo(f"MLflow on http://{host}:{port} (Ctrl-C ends it)", err=True)
    command = ["-m", "mlflow", "server", "--backend-store-uri", uri]
    os.execv(sys.executable, [sys.executable, *command, "--host", host, "--port", str(port)])  # noqa: S606


@data_app.command("list", epilog="Example: cupromark data list --json")
def data_list(as_json: Json = False) -> None:
    """List the cohorts, their files, and which are at hand."""
    from training.files import FileSettings, FileSource
    from training.holdings import list_cohorts

    rows = list_cohorts(FileSource(FileSettings.from_environment()))
    if as_json:
        _print_json([asdict(row) for row in rows])
        return
    for row in rows:
        typer.echo(f"{row.name}: {row.title}")
        for file in row.files:
            typer.echo(f"    {file.role:<14} {file.state:<12} {file.what}")
    typer.echo("geo:<GSE>: a series of GEO, with the map of its platform")
    typer.echo("table: expression and responses of your own")


@data_app.command("fetch", epilog="Example: cupromark data fetch ccle-gdsc2")
def data_fetch(
    cohort: Annotated[str, typer.Argument(help="A cohort of `cupromark data list`.")],
    as_json: Json = False,
) -> None:
    """Fetch the files of a cohort: from the mirror, the cache, or their publishers."""
    from training.holdings import fetch_cohort

    with _files(_console()) as files:
        sources = fetch_cohort(files, cohort)
    if as_json:
        _print_json([asdict(source) for source in sources])
        return
    for source in sources:
        part = " (a part of the official file)" if source.complete is False else ""
        typer.echo(f"{source.origin:<9} {source.n_bytes:>12,} bytes  {source.path}{part}")


@data_app.command("verify", epilog="Example: cupromark data verify")
def data_verify(as_json: Json = False) -> None:
    """Hold files at hand to the catalogue's and the mirror's sha256."""
    from training.files import FileSettings, FileSource
    from training.verification import verify_files

    rows = verify_files(FileSource(FileSettings.from_environment()))
    wrong = [row for row in rows if row.state in ("wrong", "missing")]
    if as_json:
        _print_json([asdict(row) for row in rows])
    else:
        for row in rows:
            typer.echo(f"{row.state:<8} {row.where:<7} {row.file}")
        typer.echo(f"{len(rows)} files, {len(wrong)} wrong or missing.")
    raise typer.Exit(USER_ERROR if wrong else 0)


@evidence_app.command(
    "run", epilog="Example: cupromark evidence run --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib"
)
def evidence_run(
    cohort: Cohorts,
    drugs: Annotated[str, typer.Option(help="Names parted by commas, or `all`.")] = "all",
    random_sets: RandomSets = 1000,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of the folds.")] = 3,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Fill an evidence card for every drug; nothing is registered."""
    from training.cohort import load_cohort
    from training.evaluation import EvaluationSettings
    from training.evidence.controls import ControlSettings
    from training.evidence.report import report_of, write_report
    from training.settings import TrainingSettings

    repetitions = tuple(range(seeds))
    settings = TrainingSettings(
        drugs="all" if drugs == "all" else _split(drugs),
        evaluation=EvaluationSettings(seeds=repetitions),
        controls=ControlSettings(n_random_sets=random_sets, seeds=repetitions),
        n_jobs=jobs or _n_jobs(),
    )
    console = _console()
    with _files(console) as files:
        loaded = load_cohort(cohort, files=files)
    result, _ = _train(loaded, settings, _store(store), console, promote=False, register=False)
    report = report_of(loaded, settings, result)
    write_report(report, _evidence_file(store, cohort))
    if as_json:
        _print_json(report.to_json())
    else:
        _print_evidence(report)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


@evidence_app.command("show", epilog="Example: cupromark evidence show ccle-gdsc2 --drug Cisplatin")
def evidence_show(
    cohort: Annotated[str, typer.Argument(help="A cohort that `evidence run` was run on.")],
    drug: Annotated[str | None, typer.Option(help="One drug's whole card.")] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Show the evidence cards of a cohort, or one drug's."""
    from training.drugs import match_drugs
    from training.evidence.report import read_report

    report = read_report(_evidence_file(store, cohort))
    if drug is not None:
        (name,) = match_drugs([drug], list(report.cards))
        _print_json(report.cards[name])
    elif as_json:
        _print_json(report.to_json())
    else:
        _print_evidence(report)


@evidence_app.command("page", epilog="Example: cupromark evidence page ccle-gdsc2 > evidence.md")
def evidence_page(
    cohorts: Annotated[list[str], typer.Argument(help="Cohorts that `evidence run` was run on.")],
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Write a page (Markdown) of statuses, controls and best gains of cohorts."""
    from training.evidence.report import evidence_markdown, read_report

    reports = [read_report(_evidence_file(store, cohort)) for cohort in cohorts]
    if as_json:
        _print_json([report.to_json() for report in reports])
    else:
        typer.echo(evidence_markdown(reports), nl=False)


@claims_app.command(
    "test", epilog="Example: cupromark claims test --cohort depmap-gdsc2 --out ledger.csv"
)
def claims_test(
    cohort: Cohorts,
    out: Annotated[Path | None, typer.Option(help="CSV of the ledger, one row a claim.")] = None,
    page: Annotated[Path | None, typer.Option(help="HTML page of the ledger.")] = None,
    as_json: Json = False,
) -> None:
    """Test every claim of the reviews that a cohort can test, and write the ledger."""
    from training.claims_testing.page import write_page
    from training.claims_testing.summary import describe_tested

    ledger = _test_claims(cohort)
    if out is not None:
        ledger.to_csv(out)
    if page is not None:
        write_page(ledger, page)
    if as_json:
        _print_json(ledger.to_json())
        return
    for verdict, number in ledger.counts().items():
        typer.echo(f"{number:>5}  {verdict}")
    for sentence in describe_tested(ledger):
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
        _print_json([ledger.to_json() for ledger in ledgers])
    else:
        typer.echo(ledger_markdown(ledgers), nl=False)


@models_app.command("list", epilog="Example: cupromark models list")
def models_list(store: Store = "var", as_json: Json = False) -> None:
    """List the registered bundles, newest first."""
    stored = _store(store).list()
    if as_json:
        _print_json([asdict(bundle) for bundle in stored])
        return
    for bundle in stored:
        aliases = ", ".join(bundle.aliases) or "-"
        typer.echo(f"{bundle.version:>4}  {aliases:<24} {bundle.tags.get('cohort', '')}")
    if not stored:
        typer.echo("No bundle is registered. Next: cupromark quickstart")


@models_app.command("show", epilog="Example: cupromark models show champion")
def models_show(
    bundle: Annotated[str, typer.Argument(help="Version or alias.")] = "champion",
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Show a registered bundle: where it came from, and its drugs with their figures."""
    from models.description import describe_bundle, drug_rows

    loaded = _load_bundle(bundle, store)
    if as_json:
        _print_json(describe_bundle(loaded))
        return
    for name, value in describe_bundle(loaded).items():
        if name != "drugs":
            typer.echo(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")
    _print_table(drug_rows(loaded))


@models_app.command("promote", epilog="Example: cupromark models promote 3")
def models_promote(
    bundle: Annotated[str, typer.Argument(help="Version or alias.")] = "challenger",
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Make a version the champion."""
    _print_stored(asdict(_store(store).promote(bundle)), "is champion now", as_json=as_json)


@models_app.command("rollback", epilog="Example: cupromark models rollback")
def models_rollback(store: Store = "var", as_json: Json = False) -> None:
    """Make the champion before the present one champion again."""
    _print_stored(asdict(_store(store).rollback()), "is champion again", as_json=as_json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake ends in one message and exit code 2, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        # Without --json Typer itself shows how a command is used, and ends the process.
        sys.exit(app(given, prog_name="cupromark", standalone_mode=not as_json))
    except CupromarkError as error:
        _print_error(error, as_json=as_json)
        sys.exit(USER_ERROR)
    except typer.TyperException as error:
        _print_error(_usage_error(error), as_json=as_json)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            raise
        if error.errno == errno.ENOSPC:
            typer.echo("Error: standard output cannot be written: no space is left.", err=True)
            typer.echo("  What to do: make room, or name a file with --out.", err=True)
        # Whoever read our output has had enough, or no room is left: nothing more goes there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USER_ERROR if error.errno == errno.ENOSPC else 1)


def _console() -> Console:
    """Progress and reasons go to standard error, so that answers can be piped."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def _files(console: Console) -> Iterator[FileSource]:
    from training.files import FileSettings, FileSource
    from training.progress import download_progress

    with download_progress(console) as progress:
        yield FileSource(FileSettings.from_environment(), progress=progress)


def _store(store: str) -> BundleStore:
    from models.store import BundleStore, local_store

    if "://" not in store:
        return local_store(Path(store))
    return BundleStore(store, cache=Path("var") / "bundles")


def _load_bundle(name: str, store: str) -> Bundle:
    from models.bundle_files import load_bundle

    folder = Path(name)
    return load_bundle(folder) if folder.is_dir() else _store(store).load(name)


def _n_jobs() -> int:
    return len(os.sched_getaffinity(0))


def _train(
    cohort: Cohort,
    settings: TrainingSettings,
    store: BundleStore,
    console: Console,
    *,
    promote: bool,
    register: bool = True,
    gene_sets: Path | None = None,
) -> tuple[TrainingResult, str | None]:
    from features.gene_sets import load_gene_sets
    from features.gmt import read_gmt
    from training.progress import training_progress
    from training.registration import train_and_register

    sets = read_gmt(gene_sets, symbols=cohort.symbols) if gene_sets else load_gene_sets()
    with training_progress(console) as progress:
        return train_and_register(
            cohort,
            sets,
            settings,
            store,
            observers=[progress],
            register=register,
            promote=promote,
        )


def _predict_example(store: BundleStore, files: FileSource) -> Predictions:
    from models.prediction import predict as predict_expression
    from training.cohort import load_cohort
    from training.quickstart import EXAMPLE_DRUG, EXAMPLE_LINEAGE, EXAMPLE_SCALE, EXAMPLE_SERIES

    series = load_cohort(EXAMPLE_SERIES, files=files, scale=EXAMPLE_SCALE)
    return predict_expression(
        store.load(), series.expression, drugs=[EXAMPLE_DRUG], lineage=EXAMPLE_LINEAGE
    )


def _table_cohort(
    cohort: str,
    expression: Path | None,
    response: Path | None,
    scale: str | None,
    platform_map: Path | None,
) -> TableCohort | None:
    from training.cohort import GEO_PREFIX, TABLE, TableCohort

    own = {"--expression": expression, "--response": response, "--scale": scale}
    if cohort != TABLE:
        if cohort.startswith(GEO_PREFIX):  # its file does not say what its values are
            del own["--scale"]
            _refuse_own_files(cohort, [*own.items()])
        else:
            _refuse_own_files(cohort, [*own.items(), ("--platform-map", platform_map)])
        return None
    if expression is None or response is None or scale is None:
        raise UsageError(
            f"--cohort table came without {', '.join(n for n, v in own.items() if v is None)}.",
            needed="your expression, what its values are, and your responses or labels.",
            remedy="for example: cupromark train --cohort table --expression expression.csv "
            "--scale log2_tpm --response labels.csv",
        )
    return TableCohort(expression, response, _scale(scale), platform_map=platform_map)


def _refuse_own_files(cohort: str, options: Sequence[tuple[str, object]]) -> None:
    given = [name for name, value in options if value is not None]
    if given:
        raise UsageError(
            f"{', '.join(given)} came with --cohort {cohort}, which has files of its own.",
            needed="--cohort table for files of yours.",
            remedy="leave these options out, or name the cohort `table`.",
        )


def _refuse_overwriting(out: Path | None, inputs: Sequence[Path | None]) -> None:
    for path in inputs:
        if out is not None and path is not None and out.resolve() == path.resolve():
            raise UsageError(
                f"--out names {out}, which is read here.",
                needed="another file for the answers.",
                remedy="choose another name; nothing was written.",
            )


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _scale(scale: str) -> Any:
    from features.expression import SCALES

    return _one_of("--scale", scale, SCALES)


def _limits(max_bytes: int | None) -> ReadLimits:
    from features.reading import ReadLimits

    return ReadLimits() if max_bytes is None else ReadLimits(max_bytes=max_bytes)


def _orientation(orientation: str | None) -> Any:
    if orientation is None:
        return None
    return _one_of("--orientation", orientation, ("genes_by_samples", "samples_by_genes"))


def _one_of(option: str, given: str, allowed: Sequence[str]) -> Any:
    if given in allowed:
        return given
    close = difflib.get_close_matches(given.lower(), allowed, n=2)
    raise UsageError(
        f"{option} {given!r} is not known.",
        needed=f"one of {', '.join(allowed)}.",
        remedy=f"did you mean {' or '.join(close)}?" if close else "name one of these.",
    )


def _training_json(cohort: Cohort, result: TrainingResult, version: str | None) -> dict[str, Any]:
    from training.summary import training_json

    return training_json(cohort, result) | {"version": version}


def _test_claims(cohort: str) -> Ledger:
    from features.claims import load_claims
    from features.gene_sets import load_gene_sets
    from training.claims_testing.testing import test_claims
    from training.cohort import load_cohort

    with _files(_console()) as files:
        loaded = load_cohort(cohort, files=files)
    return test_claims(load_claims(), loaded, load_gene_sets(), n_jobs=_n_jobs())


def _evidence_file(store: str, cohort: str) -> Path:
    folder = Path("var") if "://" in store else Path(store)
    return folder / "evidence" / f"{cohort.replace(':', '-')}.json"


def _print_evidence(report: EvidenceReport) -> None:
    from training.evidence.report import evidence_markdown

    typer.echo(evidence_markdown([report]), nl=False)


def _print_training(cohort: Cohort, result: TrainingResult) -> None:
    from training.summary import describe_training, display_table

    _print_table(display_table(result))
    for sentence in describe_training(cohort, result):
        typer.echo(sentence)


def _print_version(version: str | None, store: str, *, promoted: bool) -> None:
    if version is None:
        return
    where = "" if store == "var" else f" --store {store}"
    if promoted:
        typer.echo(f"\nRegistered as version {version}; it is the champion.")
        return
    typer.echo(f"\nRegistered as version {version}, the challenger. To make it the champion:")
    typer.echo(f"  cupromark models promote {version}{where}")


def _print_example(answers: Predictions) -> None:
    from training.quickstart import describe_example

    typer.echo("")
    for sentence in (*describe_example(answers.table), *answers.notes):
        typer.echo(sentence)


def _print_next_steps(version: str | None, store: str, *, simulated: bool) -> None:
    where = "" if store == "var" else f" --store {store}"
    typer.echo(f"\nBundle version {version} is the champion. What to do next:")
    if simulated:
        typer.echo(
            "  cupromark data list            what real data there is, and where it comes from"
        )
    typer.echo(f"  cupromark models show{where}          every drug with its figures")
    typer.echo(f"  cupromark mlflow{where}               the runs, with ROC and calibration curves")
    typer.echo(f"  cupromark validate FILE --scale S{where}    would your file be accepted?")
    typer.echo(f"  cupromark predict FILE --scale S{where} --out OUT.csv")


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
        _print_json({"predictions": rows, "notes": [*answers.notes], "reading": [*steps]})
    elif out is None:
        typer.echo(answers.table.to_csv(index=False), nl=False)


def _print_stored(bundle: Mapping[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(bundle)
    else:
        typer.echo(f"Version {bundle['version']} {what}.")


def _print_table(table: DataFrame) -> None:
    typer.echo(table.to_string(index=False))


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, indent=2, default=str))


def _usage_error(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "cupromark"
    return UsageError(
        error.format_message(),
        needed="a command with the options that it takes.",
        remedy=f"see {command} --help.",
    )


def _print_error(error: CupromarkError, *, as_json: bool) -> None:
    if as_json:
        fields = {"found": error.found, "needed": error.needed, "remedy": error.remedy}
        _print_json({"error": {"type": type(error).__name__, **fields}})
        return
    typer.echo(f"Error: {error.found}", err=True)
    typer.echo(f"  Needed: {error.needed}", err=True)
    typer.echo(f"  What to do: {error.remedy}", err=True)


if __name__ == "__main__":
    main()
