"""A training that commands start, with its progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from models.store import BundleStore
    from training.cohort import Cohort
    from training.evidence.other_cohorts import OtherCohorts
    from training.run import TrainingResult
    from training.settings import TrainingSettings


def run_training(
    cohort: Cohort,
    settings: TrainingSettings,
    store: BundleStore,
    console: Console,
    *,
    register: bool = True,
    gene_sets: Path | None = None,
    keep: Path | None = None,
    others: OtherCohorts | None = None,
) -> tuple[TrainingResult, str | None]:
    """Train with progress on the console, and register what came out."""
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
            keep=keep,
            others=others,
        )
