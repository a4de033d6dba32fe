"""Looking at drift every few minutes: for the metrics, and for asking for a retraining."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from features.errors import CupromarkError
from models.drift.reference import DriftReference
from models.drift.report import report_of
from models.drift.summary import Summary
from serving.bundles.holder import ServedBundles
from serving.bundles.served import ServedBundle
from serving.database.engine import Database
from serving.drift.store import read_counts, read_reference
from serving.drift.submissions import last_submission, note_submission
from serving.errors import NotFoundError

# Takes a job as JSON and what makes it one job however often it is asked for; gives its id.
Submit = Callable[[Mapping[str, Any], str], str]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How drift is watched.

    Attributes
    ----------
    check_seconds
        Time between two looks.
    days
        How many days, today included, are looked at together.
    least_share
        Share of the genes that must have drifted to speak of drift.
    cohort
        What a retraining is asked for; None for that of the bundle.
    again_days
        After how many days a retraining may be asked for again because of the same bundle.
    """

    check_seconds: float
    days: int
    least_share: float
    cohort: str | None
    again_days: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What the last look found."""

    bundle_sha256: str
    summary: Summary
    at: float


class DriftWatch:
    """Looks at the drift of the bundle that answers, all callers together.

    Parameters
    ----------
    database
        Where the counts are.
    bundles
        The bundle that answers.
    settings
        How often, and how much.
    clock
        Seconds since 1970.
    submit
        Asks for a job; None asks for none.
    """

    def __init__(
        self,
        database: Database,
        bundles: ServedBundles,
        settings: WatchSettings,
        *,
        clock: Callable[[], float],
        submit: Submit | None = None,
    ) -> None:
        self._database = database
        self._bundles = bundles
        self._settings = settings
        self._clock = clock
        self._submit = submit
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._latest: Checked | None = None

    @property
    def latest(self) -> Checked | None:
        """What the last look found; None before one found any counts."""
        return self._latest

    def check(self) -> None:
        """Look now, and ask for a retraining where one is due.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        CupromarkError
            If the job is not taken; the next look asks again.
        """
        served = self._bundles.current()
        if served is None:
            return
        now = datetime.fromtimestamp(self._clock(), UTC)
        reference = self._reference(served.sha256)
        if reference is None:
            self._latest = None
            return
        since = now.date() - timedelta(days=self._settings.days - 1)
        counted = read_counts(self._database, served.sha256, since=since, until=now.date())
        report = report_of(reference, counted, least_share=self._settings.least_share)
        self._latest = Checked(served.sha256, report.overall, now.timestamp())
        if report.overall.has_drifted and self._submit is not None:
            self._ask_for_retraining(served, now)

    def start(self) -> None:
        """Begin to look."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="drift-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _reference(self, sha256: str) -> DriftReference | None:
        try:
            return read_reference(self._database, sha256)
        except NotFoundError:
            return None

    def _ask_for_retraining(self, served: ServedBundle, now: datetime) -> None:
        asked_at = last_submission(self._database, served.sha256)
        again = timedelta(days=self._settings.again_days)
        if self._submit is None or (asked_at is not None and now - asked_at < again):
            return
        job_id = self._submit(
            retraining(self._settings.cohort or served.bundle.cohort),
            submission_key(served.sha256, now.date()),
        )
        note_submission(self._database, served.sha256, job_id, now)
        log.info("drift.retraining_asked_for", job_id=job_id, bundle=served.bundle.name)

    def _run(self) -> None:
        while not self._ending.wait(self._settings.check_seconds):
            try:
                self.check()
            except CupromarkError as error:
                log.warning("drift.not_checked", found=error.found)
            except SQLAlchemyError as error:
                log.warning("drift.not_checked", error=type(error).__name__)


def retraining(cohort: str) -> dict[str, Any]:
    """Describe the job that drift asks for, as `models.jobs.spec.JobSpec.from_json` reads it."""
    return {"kind": "retrain", "cohort": cohort, "reason": "drift"}


def submission_key(bundle_sha256: str, day: date) -> str:
    """Name what makes the processes of a service ask for one job, and not for one each."""
    return f"drift-{bundle_sha256[:16]}-{day.isoformat()}"
