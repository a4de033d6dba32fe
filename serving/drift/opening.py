"""Drift as a whole: made from the settings at start, ended with the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.bundles.holder import ServedBundles
from serving.bundles.served import ServedBundle
from serving.database.engine import Database
from serving.drift.metrics import DriftCollector
from serving.drift.recorder import DriftRecorder
from serving.drift.watch import Checked, DriftWatch, Submit, WatchSettings

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from models.jobs.board import JobBoard
    from serving.jobs.opening import Jobs
    from serving.metrics import Metrics
    from serving.settings import ServingSettings

SUBMITTED_BY = "drift"


@dataclass(frozen=True, slots=True)
class Drift:
    """Counts profiles, and looks at how they differ from the training lines.

    Attributes
    ----------
    recorder
        Takes answers; None where drift is not counted.
    watch
        Looks at what was counted; None where drift is not counted.
    """

    recorder: DriftRecorder | None
    watch: DriftWatch | None

    def record(self, answers: CompiledAnswers, served: ServedBundle, key_id: str | None) -> None:
        """Take answers; never waits, and never fails a request."""
        if self.recorder is not None:
            self.recorder.record(answers, served, key_id)

    def start(self) -> None:
        """Begin to count and to look."""
        if self.recorder is not None and self.watch is not None:
            self.recorder.start()
            self.watch.start()

    def close(self) -> None:
        """End, with what was counted stored."""
        if self.recorder is not None and self.watch is not None:
            self.watch.close()
            self.recorder.close()


def open_drift(
    settings: ServingSettings,
    *,
    database: Database,
    bundles: ServedBundles,
    jobs: Jobs,
    metrics: Metrics,
    clock: Callable[[], float],
) -> Drift:
    """Put drift together; nothing is read, written or started before `Drift.start`."""
    if not settings.drift:
        return Drift(None, None)
    about = WatchSettings(
        check_seconds=settings.drift_check_seconds,
        days=settings.drift_days,
        least_share=settings.drift_least_share,
        cohort=settings.drift_cohort,
        again_days=settings.drift_again_days,
    )
    submit = submitting(jobs) if settings.drift_submit else None
    watch = DriftWatch(database, bundles, about, clock=clock, submit=submit)

    def latest() -> Checked | None:
        return watch.latest

    collector = DriftCollector(latest)
    metrics.registry.register(collector)
    recorder = DriftRecorder(
        database,
        clock=clock,
        at_least=settings.drift_least_profiles,
        store_seconds=settings.drift_store_seconds,
        keep_days=settings.drift_keep_days,
        on_counted=collector.count,
    )
    return Drift(recorder, watch)


def submitting(jobs: Jobs) -> Submit:
    """Make what asks the board for a job; the board is opened with the first one."""

    def submit(spec: Mapping[str, Any], key: str) -> str:
        from models.jobs.spec import JobSpec

        wanted = JobSpec.from_json(spec)

        def ask(board: JobBoard) -> str:
            taken = board.submit(wanted, submitted_by=SUBMITTED_BY, idempotency_key=key)
            return str(taken.job.job_id)

        return jobs.ask(ask)

    return submit
