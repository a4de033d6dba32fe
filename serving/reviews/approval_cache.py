"""Approvals in memory, so that a prediction asks no database, and goes on while it is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from serving.database.engine import Database
from serving.database.errors import DatabaseAwayError
from serving.reviews.approvals import Approval, SignOff, approval_of
from serving.reviews.tables import review_sign_offs

REFRESH_SECONDS = 3.0
NOBODY: Mapping[str, Approval] = MappingProxyType({})
BySha256 = dict[str, Mapping[str, Approval]]

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
    kept_at
        File of what was read last; None to keep none.
    refresh_seconds
        A decision acts after at most about this time.
    """

    def __init__(
        self,
        database: Database,
        *,
        n_people: int,
        kept_at: Path | None = None,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._database = database
        self._n_people = n_people
        self._kept_at = kept_at
        self._refresh_seconds = refresh_seconds
        self._approvals: BySha256 = {}
        self._seen: tuple[int, int] | None = None
        self._is_known = False
        self._refreshing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_known(self) -> bool:
        """Whether approvals were ever read, from the database or from the file of the last run."""
        return self._is_known

    def of(self, bundle_sha256: str) -> Mapping[str, Approval]:
        """Drug -> approval, for drugs that somebody decided about; never asks the database."""
        return self._approvals.get(bundle_sha256, NOBODY)

    def refresh(self) -> None:
        """Read the decisions if there are new ones.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; what was read last goes on to hold.
        """
        with self._refreshing:
            # Rows may become visible out of the order of their ids: their number tells.
            state = select(func.count(), func.coalesce(func.max(review_sign_offs.c.id), 0))
            in_order = select(review_sign_offs).order_by(review_sign_offs.c.id)
            with self._database.reading() as connection:
                count, newest = connection.execute(state).one()
                if (count, newest) == self._seen:
                    return
                rows = connection.execute(in_order).all()
            self._approvals = self._decided(rows)
            self._seen, self._is_known = (count, newest), True
            self._keep()

    def _decided(self, rows: Sequence[Any]) -> BySha256:
        decisions: dict[str, dict[str, list[SignOff]]] = {}
        for row in rows:
            of_bundle = decisions.setdefault(row.bundle_sha256, {})
            of_bundle.setdefault(row.drug, []).append(SignOff.of_row(row))
        return {
            sha256: {
                drug: approval_of(of_drug, n_people=self._n_people)
                for drug, of_drug in of_bundle.items()
            }
            for sha256, of_bundle in decisions.items()
        }

    def start(self) -> None:
        """Read the approvals, and begin to keep them fresh."""
        if not self._attempt():
            self._read_kept()
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="approvals", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

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

    def _keep(self) -> None:
        if self._kept_at is None:
            return
        content = {
            sha256: {drug: approval.to_json() for drug, approval in of_bundle.items()}
            for sha256, of_bundle in self._approvals.items()
        }
        written = self._kept_at.with_name(f"{self._kept_at.name}.new")
        try:
            written.write_text(json.dumps(content), encoding="utf-8")
            written.replace(self._kept_at)
        except OSError as error:
            log.warning("approvals.not_kept", error=error.strerror)

    def _read_kept(self) -> None:
        if self._kept_at is None or not self._kept_at.exists():
            return
        try:
            content = json.loads(self._kept_at.read_text(encoding="utf-8"))
            self._approvals = {
                str(sha256): {str(drug): Approval.from_json(one) for drug, one in of_bundle.items()}
                for sha256, of_bundle in content.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("approvals.not_read", error=type(error).__name__)
            return
        self._is_known = True
