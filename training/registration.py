"""From a cohort to a registered bundle: train, track, write, register, promote."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from features.gene_sets import GeneSetCollection
from models.bundle_files import write_bundle
from models.mlflow_session import mlflow_session
from models.store import BundleStore
from training.cohort import Cohort
from training.errors import TrainingError
from training.evidence.other_cohorts import OtherCohorts
from training.run import TrainingResult, train
from training.settings import TrainingObserver, TrainingSettings
from training.tracking import MlflowTracking

INTERRUPTED_ARTIFACT = "interrupted"


def train_and_register(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    store: BundleStore,
    *,
    observers: Sequence[TrainingObserver] = (),
    register: bool = True,
    promote: bool = False,
    keep: Path | None = None,
    others: OtherCohorts | None = None,
) -> tuple[TrainingResult, str | None]:
    """Train on a cohort, write every run to the store and register the bundle.

    Parameters
    ----------
    register
        Register the bundle; False for evidence alone, whose runs are kept without one.
    promote
        Make the new version the champion.
    keep, others
        See `training.run.train`.

    Returns
    -------
    tuple
        The result, and the version: None where nothing was registered. The bundle of a training
        that was interrupted is kept with the parent run.

    Raises
    ------
    TrainingError
        Not one drug could be trained.
    """
    tracking = MlflowTracking(store)
    with ExitStack() as unless_trained:
        unless_trained.callback(tracking.abandon)
        result = train(
            cohort,
            gene_sets,
            settings,
            observers=[tracking, *observers],
            keep=keep,
            others=others,
        )
        unless_trained.pop_all()
    tracking.finish(result)
    if result.bundle is None and not result.interrupted:
        raise no_drug(result)
    if result.bundle is None or not (register or result.interrupted):
        return result, None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        write_bundle(result.bundle, folder, boosters=result.boosters)
        if result.interrupted:
            _keep(store, tracking, folder)
            return result, None
        version = store.register(folder, run_id=tracking.parent_run_id)
    if promote:
        store.promote(version)
    return result, version


def _keep(store: BundleStore, tracking: MlflowTracking, folder: Path) -> None:
    with mlflow_session(store.tracking_uri) as client:
        client.log_artifacts(str(tracking.parent_run_id), str(folder), INTERRUPTED_ARTIFACT)


def no_drug(result: TrainingResult) -> TrainingError:
    """Say of a training without a bundle why there is none."""
    first = next(iter(result.skipped.values()))
    return TrainingError(
        f"Not one of {len(result.skipped)} drugs could be trained. {first.drug}: {first.reason}",
        needed="at least one drug with enough sensitive and resistant samples.",
        remedy="choose other drugs, another label method, or a larger cohort.",
    )
