"""Fetch, verify and join: the data of a job."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pooch

from features.gene_sets import GeneSetCollection, load_gene_sets
from models.jobs.spec import REASONS, JobSpec
from training.cohort import Cohort, load_cohort
from training.drug_tasks import response_of
from training.files import FileSettings, SourceFile
from training.holdings import fetch_cohort
from training.jobs.drill import with_shuffled_labels
from training.jobs.job_files import JobFiles, changed
from training.jobs.question import question_of, settings_of
from training.jobs.work import Result, Say, Task
from training.releases import refresh_cohort
from training.settings import choose_training_drugs
from training.simulated import simulate_cohort

SIMULATED = "simulated"
NEW_RELEASE = REASONS[1]
PROGRESS_SECONDS = 0.5


class JobData:
    """The cohort and the gene sets of a job, loaded when they are first needed.

    Parameters
    ----------
    spec
        Of the job.
    say
        Sends a message to the worker.
    folder
        Of the job, where its files are held; the steps that fetch, verify and join name it too.
    """

    def __init__(self, spec: JobSpec, say: Say, folder: Path | None = None) -> None:
        self.spec = spec
        self.say = say
        self.gene_sets: GeneSetCollection = load_gene_sets()
        settings = FileSettings.from_environment()
        self.files = JobFiles(settings, progress=_Downloads(say), folder=folder)
        self._cohort: Cohort | None = None

    @property
    def cohort(self) -> Cohort:
        """The cohort, with permuted labels in a drill."""
        if self._cohort is None:
            cohort = self._load()
            if self.spec.drill is not None:
                cohort = with_shuffled_labels(cohort, random_state=self.spec.seed)
            self._cohort = cohort
        return self._cohort

    def log(self, text: str, *, level: str = "info") -> None:
        """Add a line to the job's log."""
        self.say({"log": [level, text]})

    def _load(self) -> Cohort:
        if self.spec.cohort == SIMULATED:
            return simulate_cohort(self.spec.seed)
        return load_cohort(str(self.spec.cohort), files=self.files)


class _Downloads:
    """Tells the worker how far a download is, twice a second."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._next = 0.0

    def __call__(self, name: str, arrived: int, total: int | None) -> None:
        """Tell it."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            self._say({"progress": [arrived, total or 0]})
            of = f" of {total / 1e6:,.0f}" if total else ""
            self._say({"log": ["info", f"{name}: {arrived / 1e6:,.0f}{of} MB"]})


def fetch(task: Task, data: JobData) -> Result:
    """Get every file that the cohort needs, and hold them for the job.

    A job that looks for a new release asks publishers and mirror for one, and gets it. Where they
    cannot be asked it goes on with what is at hand, and finds nothing new there.
    """
    if task.spec.cohort == SIMULATED:
        data.log("the cohort is simulated: nothing is fetched and nothing was measured")
        return {"files": []}
    data.files.folder = task.folder
    data.files.let_go()
    if task.spec.reason == NEW_RELEASE:
        found = _look_for_a_new_release(data)
    else:
        found = fetch_cohort(data.files, str(task.spec.cohort))
    for one in found:
        data.log(f"{one.name}: {one.n_bytes:,} bytes from the {one.origin}")
    data.files.hold(found)
    return {"files": [[one.name, str(one.path), one.sha256] for one in found]}


def _look_for_a_new_release(data: JobData) -> list[SourceFile]:
    refreshed = refresh_cohort(data.files, str(data.spec.cohort))
    for one in refreshed:
        news = one.news
        dated = f" of {news.released}" if news.released else ""
        why = f": {news.why}" if news.why else ""
        if news.state == "cannot be asked":
            text = f"{news.name} could not be asked for a new release{why} (the copy here stays)"
            data.log(text, level="warning")
        elif news.state == "new release":
            data.log(f"{news.name}: a new release{dated} was fetched{why}")
        else:
            data.log(f"{news.name}: {news.state}{dated}{why}")
    return [one.source for one in refreshed]


def verify(task: Task, data: JobData) -> Result:
    """Hold every file to the checksum that it was fetched with, and say which are on record."""
    data.files.folder = task.folder
    for name, path, sha256 in task.given["files"]:
        actual = pooch.file_hash(str(data.files.held_path(name) or path))
        if actual != sha256:
            raise changed(name, actual, sha256)
        data.log(f"{name}: sha256 {sha256[:12]} holds")
    return {"n_files": len(task.given["files"])}


def join(task: Task, data: JobData) -> Result:
    """Read and join the files, and choose the drugs."""
    data.files.folder = task.folder
    cohort = data.cohort
    for step in cohort.joining.steps:
        data.log(step)
    settings = settings_of(task.spec, task.processes)
    drugs = choose_training_drugs(response_of(cohort), settings)
    figures: dict[str, Any] = {
        "n_samples": len(cohort.expression.samples),
        "n_genes": len(cohort.expression.genes),
        "n_drugs": len(drugs),
    }
    question = question_of(cohort, data.gene_sets, settings, drugs)
    return {"drugs": drugs, "question": question, "figures": figures}
