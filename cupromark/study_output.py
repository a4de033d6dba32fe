"""What every study of `cupromark evidence` does with its result: keep it, draw it, print it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.options import split_names
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand

if TYPE_CHECKING:
    from training.cohort import Cohort
    from training.evidence.studies.study import Study


def _checked_plot(plot: Path | None) -> Path | None:
    """Refuse a plot that could not be written before anything long is run."""
    if plot is not None:
        from training.evidence.studies.forest import check_plot_name

        check_plot_name(plot)
    return plot


Plot = Annotated[
    Path | None,
    typer.Option("--plot", callback=_checked_plot, help="SVG or PNG file to draw the figures to."),
]
DrugNames = Annotated[str, typer.Option("--drugs", help="Names parted by commas, or `all`.")]
Seeds = Annotated[int, typer.Option(min=1, help="Repetitions of the folds.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")]


def some_or_all(drugs: str) -> list[str] | str:
    """Names, or the word `all`."""
    return "all" if drugs == "all" else split_names(drugs)


def load_named_cohort(name: str) -> Cohort:
    """Load a cohort of the catalogue, with progress while files are fetched."""
    from training.cohort import load_cohort

    with files_at_hand(progress_console()) as files:
        return load_cohort(name, files=files)


@contextmanager
def study_bar(description: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress on standard error."""
    from training.evidence.studies.progress import study_progress

    with study_progress(progress_console(), description) as tell:
        yield tell


def finish_study(
    study: Study, cohorts: Sequence[str], store: str, plot: Path | None, *, as_json: bool
) -> None:
    """Keep a study beside the evidence cards, draw it where a plot was asked for, and print it."""
    from models.store_place import store_folder
    from training.evidence.studies.forest import write_forest
    from training.evidence.studies.study import study_file, write_study

    path = study_file(store_folder(store) / "evidence", study.name, cohorts)
    write_study(study, path)
    if as_json:
        print_json(study.to_json())
    else:
        typer.echo(study.to_markdown(), nl=False)
    typer.echo(f"Kept as {path}", err=True)
    if plot is None:
        return
    if study.forest is None or not study.forest.rows:
        typer.echo("Nothing was drawn: the study has no figure with an interval.", err=True)
        return
    write_forest(study.forest, plot)
    typer.echo(f"Drawn to {plot}", err=True)
