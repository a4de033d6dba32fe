"""Progress on the terminal: downloads by bytes, trainings by drugs, both with time left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from training.cohort import Cohort
from training.drug_training import SkippedDrug, TrainedDrug
from training.settings import TrainingSettings


class DownloadProgress:
    """A bar a file; a callback for `FileSource`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, arrived: int, total: int | None) -> None:
        """Move the bar of a file."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=arrived, total=total)


@contextmanager
def download_progress(console: Console) -> Iterator[DownloadProgress]:
    """Bars that go away when the downloads are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        yield DownloadProgress(progress)


class TrainingProgress:
    """One bar for all drugs; an observer of a training."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._controls: TaskID | None = None

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Show the bar."""
        del settings
        self._task = self._progress.add_task(f"Training on {cohort.name}", total=len(drugs))

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Move it by one drug."""
        if isinstance(result, TrainedDrug):
            done = f"Trained {result.model.drug}"
        else:
            done = f"Left out {result.drug}"
        if self._task is not None:
            self._progress.update(self._task, advance=1, description=done)

    def finished_controls(self, done: int, total: int) -> None:
        """Show a bar of its own for the controls."""
        if self._controls is None:
            self._controls = self._progress.add_task("Controls, random gene sets", total=total)
        self._progress.update(self._controls, completed=done)


@contextmanager
def training_progress(console: Console) -> Iterator[TrainingProgress]:
    """Bar with drugs done, time gone and time left."""
    columns = (TextColumn("{task.description:<32.32}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, *times, console=console) as progress:
        yield TrainingProgress(progress)
