"""Train a batch, finish the training, write its reports."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from models.bundle_files import load_bundle, verify_bundle, write_bundle
from models.errors import BundleError
from training.cohort import Cohort
from training.drug_training import SkippedDrug, TrainedDrug
from training.evidence.report import report_of
from training.evidence.report_files import write_pages, write_report, write_text
from training.jobs.question import settings_of
from training.jobs.work import Result, Task
from training.jobs.work_data import JobData
from training.kept_objects import read_object, write_object
from training.registration import no_drug
from training.run import TrainingResult, train
from training.settings import TrainingSettings
from training.summary import drug_table

KEPT, BUNDLE, RESULT, REPORT = "kept", "bundle", "result.npz", "report"


class BatchProgress:
    """Observer of a training that tells the worker."""

    def __init__(self, data: JobData, total: int) -> None:
        self._data = data
        self._done = 0
        self._total = total
        self._controls_told = -1

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Nothing to tell: the join has said it."""

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Tell of one drug."""
        self._done += 1
        self._data.say({"progress": [self._done, self._total]})
        if isinstance(result, TrainedDrug):
            roc_auc = result.evaluation.roc_auc
            figures = f"{roc_auc.value:.3f} [{roc_auc.low:.3f}, {roc_auc.high:.3f}]"
            self._data.log(f"trained {result.model.drug}: roc_auc {figures}")
        else:
            self._data.log(f"left out {result.drug}: {result.reason}", level="warning")

    def finished_controls(self, done: int, total: int) -> None:
        """Tell of the controls, a line for every tenth of them."""
        self._data.say({"progress": [done, total]})
        if 10 * done // total != self._controls_told:
            self._controls_told = 10 * done // total
            self._data.log(f"controls and random gene sets: {done} of {total} parts")


def train_batch(task: Task, data: JobData) -> Result:
    """Train some of the drugs and keep them; what is kept already is not trained again."""
    batch = task.given["drugs"]
    if not (task.folder / KEPT).is_dir():
        data.log("training begins; drugs of a cohort that learn together do so once, first")
    result = train(
        data.cohort,
        data.gene_sets,
        settings_of(task.spec, task.processes),
        observers=[BatchProgress(data, len(batch))],
        keep=task.folder / KEPT,
        only=batch,
    )
    return {"trained": list(result.trained), "skipped": list(result.skipped)}


def finish_training(task: Task, data: JobData) -> Result:
    """Run the controls and make the bundle; the same as a training in one go would make."""
    result = _whole_result(task, data)
    if result.bundle is None:
        raise no_drug(result)
    return {
        "bundle_sha256": verify_bundle(task.folder / BUNDLE).sha256,
        "figures": {
            "n_drugs_trained": len(result.trained),
            "n_drugs_skipped": len(result.skipped),
            "mean_roc_auc": result.mean_roc_auc,
            "mean_lineage_roc_auc": result.mean_lineage_roc_auc,
            "mean_gain_over_lineage": result.mean_roc_auc - result.mean_lineage_roc_auc,
        },
    }


def write_reports(task: Task, data: JobData) -> Result:
    """Write the evidence of the training: JSON, tables, and a page a drug."""
    result = finished(task, data)
    report = report_of(data.cohort, settings_of(task.spec, task.processes), result)
    folder = task.folder / REPORT
    write_report(report, folder / "evidence.json")
    write_text(folder / "drugs.csv", drug_table(result).to_csv(index=False))
    pages = write_pages(report, folder / "cards")
    counts: dict[str, float | str] = {
        f"status_{status}": count for status, count in report.status_counts.items() if count
    }
    return {"n_pages": len(pages), "figures": counts}


def finished(task: Task, data: JobData) -> TrainingResult:
    """Give the finished training: as it was kept, or made again where the folder is not here."""
    kept = read_object(task.folder / RESULT)
    if isinstance(kept, TrainingResult) and _is_whole(task.folder / BUNDLE):
        return kept
    data.log("this worker does not hold the finished training: it is made again", level="warning")
    return _whole_result(task, data)


def _whole_result(task: Task, data: JobData) -> TrainingResult:
    settings = settings_of(task.spec, task.processes)
    result = train(
        data.cohort,
        data.gene_sets,
        settings,
        observers=[_OnlyControls(data, len(task.given.get("drugs", [])))],
        keep=task.folder / KEPT,
    )
    if result.bundle is not None:
        folder = task.folder / BUNDLE
        shutil.rmtree(folder, ignore_errors=True)
        write_bundle(result.bundle, folder, boosters=result.boosters)
    write_object(task.folder / RESULT, _without_bundle(result))
    return result


class _OnlyControls(BatchProgress):
    """Does not tell of drugs a second time."""

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Tell nothing."""


def _without_bundle(result: TrainingResult) -> TrainingResult:
    """Leave out what stands in a folder of its own."""
    return TrainingResult(
        bundle=None,
        trained=result.trained,
        skipped=result.skipped,
        boosters={},
        interrupted=result.interrupted,
        controls=result.controls,
        cohort_wide=result.cohort_wide,
        shared_choices=result.shared_choices,
    )


def _is_whole(folder: Path) -> bool:
    try:
        load_bundle(folder)
    except BundleError:
        return False
    return True
