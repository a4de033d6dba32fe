"""Training runs in MLflow: one parent a training, one child a drug, one batch a run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import distributions
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.cards.figures import figure_at
from models.cards.fragments import card_figures
from models.cards.page import card_page
from models.cards.style import standalone
from models.mlflow_session import mlflow_session
from models.store import BundleStore
from training.code_version import code_version
from training.cohort import Cohort
from training.drug_training import SkippedDrug, TrainedDrug
from training.evidence.report import EvidenceReport, report_of
from training.run import TrainingResult
from training.settings import TrainingSettings
from training.summary import drug_table

if TYPE_CHECKING:
    from mlflow import MlflowClient

PARENT_TAG = "mlflow.parentRunId"


class MlflowTracking:
    """Observer of a training that writes it to an MLflow store.

    Parameters
    ----------
    store
        Where bundles are registered; runs go to the same place.
    tags
        Of the parent run, beside those that every training has.
    """

    def __init__(self, store: BundleStore, *, tags: Mapping[str, str] | None = None) -> None:
        self.store = store
        self.parent_run_id: str | None = None
        self._experiment_id = ""
        self._tags: dict[str, str] = {}
        self._parent_tags = dict(tags or {})
        self._children: dict[str, str] = {}
        self._asked: tuple[Cohort, TrainingSettings] | None = None

    def started(self, cohort: Cohort, settings: TrainingSettings, drugs: Sequence[str]) -> None:
        """Open the parent run with parameters, data and environment."""
        self._asked = (cohort, settings)
        self._experiment_id = self.store.experiment_id()
        self._tags = {"cohort": cohort.name, "simulated": str(cohort.simulated).lower()}
        with mlflow_session(self.store.tracking_uri) as client:
            run = client.create_run(
                self._experiment_id, run_name=f"train {cohort.name}", tags=self._parent_tags
            )
            self.parent_run_id = run.info.run_id
            parameters = settings.to_parameters() | {
                "cohort": cohort.name,
                "n_drugs_asked": str(len(drugs)),
                "n_samples": str(len(cohort.expression.samples)),
                "n_genes": str(len(cohort.expression.genes)),
            }
            tags = self._tags | {"code_version": code_version()}
            _log_batch(client, self.parent_run_id, parameters, {}, tags)
            _log_inputs(client, self.parent_run_id, cohort)
            _log_files(client, self.parent_run_id, _cohort_files(cohort))

    def finished_drug(self, result: TrainedDrug | SkippedDrug) -> None:
        """Write one drug's child run."""
        drug = _drug_of(result)
        with mlflow_session(self.store.tracking_uri) as client:
            tags = {PARENT_TAG: str(self.parent_run_id), "drug": drug} | self._tags
            run_id = client.create_run(self._experiment_id, run_name=drug, tags=tags).info.run_id
            with ExitStack() as unless_written:
                unless_written.callback(client.set_terminated, run_id, status="KILLED")
                if isinstance(result, SkippedDrug):
                    _log_batch(client, run_id, {"drug": drug}, {}, {"skipped": result.reason})
                else:
                    _log_drug(client, run_id, result)
                unless_written.pop_all()
            status = "FAILED" if isinstance(result, SkippedDrug) else "FINISHED"
            client.set_terminated(run_id, status=status)
        self._children[drug] = run_id

    def finished_controls(self, done: int, total: int) -> None:
        """Wait for `finish`, which writes each drug's card to its run."""

    def finish(self, result: TrainingResult) -> None:
        """Close the parent run with the means over drugs and the table of drugs."""
        if self.parent_run_id is None or self._asked is None:
            return
        # An interrupt may come between the end of a drug and its run.
        finished: list[TrainedDrug | SkippedDrug] = [*result.trained.values()]
        for one in [*finished, *result.skipped.values()]:
            if _drug_of(one) not in self._children:
                self.finished_drug(one)
        report = report_of(*self._asked, result)
        self._write_cards(report)
        metrics = {
            "n_drugs_trained": float(len(result.trained)),
            "n_drugs_skipped": float(len(result.skipped)),
        }
        files: dict[str, bytes] = {}
        if result.trained:
            metrics |= {
                "mean_roc_auc": result.mean_roc_auc,
                "mean_lineage_roc_auc": result.mean_lineage_roc_auc,
                "mean_gain_over_lineage": result.mean_roc_auc - result.mean_lineage_roc_auc,
            }
            files["drugs.csv"] = drug_table(result).to_csv(index=False).encode()
        if result.skipped:
            reasons = {drug: one.reason for drug, one in result.skipped.items()}
            files["skipped.json"] = _json(reasons)
        if result.shared_choices:
            files["shared_choices.json"] = _json({"folds": list(result.shared_choices)})
        files["evidence.json"] = _json(report.to_json())
        with mlflow_session(self.store.tracking_uri) as client:
            _log_batch(client, self.parent_run_id, {}, metrics, {})
            _log_files(client, self.parent_run_id, files)
            client.set_terminated(self.parent_run_id, status=_run_status(result))

    def _write_cards(self, report: EvidenceReport) -> None:
        """Write every drug's card to its run: as JSON, as a page, and its first plot."""
        with mlflow_session(self.store.tracking_uri) as client:
            for drug, card in report.cards.items():
                tags = {"status": str(card["status"])}
                _log_batch(client, self._children[drug], {}, _control_metrics(card), tags)
                plot = card_figures(card)["controls"].svg
                files = {
                    "evidence_card.json": _json(card),
                    "evidence_card.html": card_page(card).encode(),
                    "controls.svg": standalone(plot).encode(),
                }
                _log_files(client, self._children[drug], files)

    def abandon(self) -> None:
        """Close the parent run of a training that an error ended."""
        if self.parent_run_id is not None:
            with mlflow_session(self.store.tracking_uri) as client:
                client.set_terminated(self.parent_run_id, status="FAILED")


def _drug_of(result: TrainedDrug | SkippedDrug) -> str:
    return result.model.drug if isinstance(result, TrainedDrug) else result.drug


def _log_drug(client: MlflowClient, run_id: str, result: TrainedDrug) -> None:
    model = result.model
    parameters = {
        "drug": model.drug,
        "estimator": model.estimator,
        **{name: str(value) for name, value in model.parameters.items()},
        **{f"label_{name}": str(value) for name, value in model.label_card.items()},
    }
    tags = {"status": model.status}
    _log_batch(client, run_id, parameters, result.evaluation.metrics, tags)
    files = {
        "label_card.json": _json(model.label_card),
        "evidence_card.json": _json(model.evidence_card),
        "curves.png": result.curves_png,
    }
    _log_files(client, run_id, files)


def _control_metrics(card: Mapping[str, Any]) -> dict[str, float]:
    controls = card["controls"]
    paths: dict[str, tuple[str, ...]] = {
        f"control_{name}": ("controls", name) for name in _names(controls)
    }
    paths |= {"random_mean": ("random", "mean"), "p": ("p",), "q": ("q",)}
    found = {name: figure_at(card, *path).value for name, path in paths.items()}
    return {name: value for name, value in found.items() if value is not None}


def _names(controls: Any) -> list[str]:
    return list(controls) if isinstance(controls, Mapping) else []


def _run_status(result: TrainingResult) -> str:
    if result.interrupted:
        return "KILLED"
    return "FINISHED" if result.trained else "FAILED"


def _log_batch(
    client: MlflowClient,
    run_id: str,
    parameters: Mapping[str, str],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    now = int(time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in metrics.items()],
        params=[Param(name, value) for name, value in parameters.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def _log_inputs(client: MlflowClient, run_id: str, cohort: Cohort) -> None:
    from mlflow.entities import Dataset, DatasetInput

    client.log_inputs(
        run_id,
        [
            DatasetInput(
                Dataset(
                    name=one.name,
                    digest=one.sha256[:36],
                    source_type="file",
                    source=json.dumps({"file": one.path.name, "sha256": one.sha256}),
                )
            )
            for one in cohort.sources
        ],
    )


def _log_files(client: MlflowClient, run_id: str, files: Mapping[str, bytes]) -> None:
    if not files:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        client.log_artifacts(run_id, folder)


def _cohort_files(cohort: Cohort) -> dict[str, bytes]:
    joining = cohort.joining
    report = {
        "method": joining.method,
        "n_expression": joining.n_expression,
        "n_response": joining.n_response,
        "n_joined": joining.n_joined,
        "steps": list(joining.steps),
        "reading": list(cohort.expression.report.steps),
    }
    lineages = pd.DataFrame({"lineage": cohort.lineage, "split_group": cohort.split_group})
    return {
        "joining.json": _json(report),
        "not_joined.csv": joining.dropped.to_csv(index=False).encode(),
        "samples.csv": lineages.to_csv(index_label="sample").encode(),
        "environment.txt": _environment().encode(),
    }


def _environment() -> str:
    installed = {f"{one.metadata['Name']}=={one.version}" for one in distributions()}
    return "\n".join(sorted(installed, key=str.lower)) + "\n"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=2, sort_keys=True, allow_nan=False).encode()
