"""Approvals in memory, so that a prediction asks no database, and goes on while it is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from serving.database.engine import Database
from serving.database.errors import DatabaseAwayError
from serving.reviews.approvals import Approval
from serving.reviews.decided_approvals import State, read_decided
from serving.reviews.kept_approvals import KeptApprovals, keep, read_kept
from serving.reviews.snapshots import NOBODY, BySha256, Look, Snapshot
from serving.reviews.words import Unapproved

REFRESH_SECONDS = 3.0
KEEP_SECONDS = 60.0  # how old the file of what was read may be while nothing changes

log = structlog.get_logger(__name__)


class ApprovalCache:
    """The approvals of all bundles as the database had them a moment ago.

    A thread of its own keeps them fresh. What was read last is kept in a file, so that a rejected
    drug stays withheld when the service starts while its database is away.

    Parameters
    ----------
    database
        Where the decisions are; its tables are up to date.
    n_people
        How many different people an approval takes.
    unapproved
        What becomes of drugs that are neither approved nor rejected.
    kept_at
        File of what was read last; None to keep none.
    refresh_seconds
        A decision that another process took acts here after at most about this time.
    clock
        Seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        *,
        n_people: int,
        unapproved: Unapproved = "answer",
        kept_at: Path | None = None,
        refresh_seconds: float = REFRESH_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._n_people = n_people
        self._kept_at = kept_at
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._snapshot = Snapshot({}, 0, is_known=False, unapproved=unapproved)
        self._look: Look | None = None
        self._seen: State | None = None
        self._file_is_of = 0.0
        self._refreshing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_known(self) -> bool:
        """Whether approvals were ever read, from the database or from the file of the last run."""
        return self._snapshot.is_known

    @property
    def snapshot(self) -> Snapshot:
        """The approvals as they are now; take them once a request."""
        return self._snapshot

    @property
    def look(self) -> Look | None:
        """When the database last had these approvals; None where they were never read."""
        return self._look

    def age_seconds(self) -> float | None:
        """How long ago that was."""
        look = self._look
        return None if look is None else max(self._clock() - look.at, 0.0)

    def is_stale(self, age_seconds: float) -> bool:
        """Whether the database must have missed several looks, for approvals to be so old."""
        return age_seconds > 3 * self._refresh_seconds + 1

    def of(self, bundle_sha256: str) -> Mapping[str, Approval]:
        """Drug -> approval, for drugs that somebody decided about; never asks the database."""
        return self._snapshot.approvals.get(bundle_sha256, NOBODY)

    def refresh(self) -> None:
        """Read the decisions if there are new ones.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; what was read last goes on to hold.
        """
        with self._refreshing:
            began = self._clock()
            seen, approvals = read_decided(self._database, n_people=self._n_people, seen=self._seen)
            if approvals is not None:
                self._replace(approvals)
                log.info("approvals.read", sign_offs=seen[0])
            self._seen, self._look = seen, Look.made(began)
            if approvals is not None or began - self._file_is_of > KEEP_SECONDS:
                self._keep(began)

    def start(self) -> None:
        """Read the approvals, and begin to keep them fresh."""
        if not self._attempt() and self._kept_at is not None:
            kept = read_kept(self._kept_at, n_people=self._n_people)
            if kept is not None:
                self._replace(kept.approvals)
                self._look = Look.made(kept.read_at)
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="approvals", daemon=True)
        self._thread.start()

    def look_now(self) -> None:
        """Read what has just been decided here: it acts before whoever decided is answered.

        Where the database is away the thread goes on to look.
        """
        self._attempt()

    def close(self) -> None:
        """End the thread."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _replace(self, approvals: BySha256) -> None:
        before = self._snapshot
        self._snapshot = Snapshot(
            approvals, before.number + 1, is_known=True, unapproved=before.unapproved
        )

    def _keep(self, read_at: float) -> None:
        if self._kept_at is not None:
            keep(self._kept_at, KeptApprovals(self._snapshot.approvals, read_at))
            self._file_is_of = read_at

    def _run(self) -> None:
        while not self._ending.wait(self._refresh_seconds):
            self._attempt()

    def _attempt(self) -> bool:
        try:
            self.refresh()
        except DatabaseAwayError as error:
            log.warning("approvals.not_refreshed", found=error.found)
            return False
        except SQLAlchemyError as error:  # such as tables that are not there yet
            log.warning("approvals.not_refreshed", error=type(error).__name__)
            return False
        return True
