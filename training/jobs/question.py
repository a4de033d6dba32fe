"""What a job asks: its settings, its files, and whether a registered bundle already answers it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from features.gene_sets import GeneSetCollection
from models.jobs.spec import JobSpec
from models.store import CHAMPION, DRILL_TAG, BundleStore, StoredBundle
from training.cohort import Cohort
from training.evaluation import EvaluationSettings
from training.evidence.controls import ControlSettings
from training.kept_drugs import training_fingerprint
from training.settings import TrainingSettings

__all__ = ["DRILL_TAG", "QUESTION_TAG", "answered_by", "question_of", "settings_of"]

QUESTION_TAG = "question"


def settings_of(spec: JobSpec, n_jobs: int) -> TrainingSettings:
    """Give the settings of a retraining: those of `cupromark train` with the same options."""
    seeds = tuple(range(spec.seed, spec.seed + spec.n_seeds))
    return TrainingSettings(
        drugs=spec.drugs,
        evaluation=EvaluationSettings(n_folds=spec.n_folds, seeds=seeds),
        controls=ControlSettings(n_random_sets=spec.random_sets) if spec.random_sets else None,
        n_jobs=n_jobs,
    )


def question_of(
    cohort: Cohort, gene_sets: GeneSetCollection, settings: TrainingSettings, drugs: Sequence[str]
) -> str:
    """Hash of everything that a bundle and its evidence depend on.

    The sha256 of every file of the cohort, what was joined from them, gene sets, code version,
    settings with the random gene sets, and drugs.
    """
    content = [
        training_fingerprint(cohort, gene_sets, settings, drugs),
        settings.to_parameters(),
        sorted((source.name, source.sha256) for source in cohort.sources),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def answered_by(store: BundleStore, cohort: str, question: str) -> StoredBundle | None:
    """Find the champion or the newest bundle of a cohort, where it was made from this question."""
    of_cohort = [
        stored
        for stored in store.list()
        if stored.tags.get("cohort") == cohort and DRILL_TAG not in stored.tags
    ]
    newest = of_cohort[:1]
    champion = [stored for stored in of_cohort if CHAMPION in stored.aliases]
    for stored in (*champion, *newest):
        if stored.tags.get(QUESTION_TAG) == question:
            return stored
    return None
