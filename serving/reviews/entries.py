"""Judging and assigning a finding. Nothing is changed: every act is one more entry.

Whoever acts says which version of the finding they looked at. When somebody else was faster the
act is refused, with what the other one wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from serving.database.engine import Database
from serving.errors import ConflictError, EditConflictError, ForbiddenError
from serving.reviews.histories import finding_with_history, standing_judgements
from serving.reviews.queue import Record
from serving.reviews.reviewers import Reviewer
from serving.reviews.tables import review_assignments, review_entries, review_findings
from serving.reviews.words import Verdict


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A judgement to be written down; `withdrawn` takes the latest one that stands back."""

    verdict: Verdict
    comment: str
    reference: str | None


def judge(
    database: Database,
    finding_id: str,
    entry: NewEntry,
    *,
    seen_version: int,
    reviewer: Reviewer,
    now: datetime,
) -> Record:
    """Write a judgement down; gives the finding as it is then, with its history.

    Parameters
    ----------
    seen_version
        Version of the finding that was judged.

    Raises
    ------
    EditConflictError
        Somebody wrote since.
    ConflictError
        There is no judgement to take back.
    ForbiddenError
        It is another person's, which only a lead takes back.
    NotFoundError
        There is no such finding.
    DatabaseAwayError
        If the database does not answer; nothing was written then.
    """
    with database.writing() as connection:
        finding = _seen(connection, finding_id, seen_version)
        withdraws, state = None, str(entry.verdict)
        if entry.verdict == "withdrawn":
            withdraws, state = _withdrawal(finding, reviewer)
        _advance(connection, finding_id, seen_version, state=state)
        row = {
            "finding_id": finding_id,
            "version": seen_version + 1,
            "verdict": entry.verdict,
            "state": state,
            "withdraws": withdraws,
            "comment": entry.comment,
            "reference": entry.reference,
            "figures_sha256": finding["figures_sha256"],
        }
        connection.execute(insert(review_entries).values(**row, **_signed(reviewer, now)))
        return finding_with_history(connection, finding_id)


def assign(
    database: Database,
    finding_id: str,
    assignee: str | None,
    *,
    seen_version: int,
    reviewer: Reviewer,
    now: datetime,
) -> Record:
    """Give a finding to somebody, or to nobody; raises as `judge` does."""
    with database.writing() as connection:
        _seen(connection, finding_id, seen_version)
        _advance(connection, finding_id, seen_version, assignee=assignee)
        row = {"finding_id": finding_id, "version": seen_version + 1, "assignee": assignee}
        connection.execute(insert(review_assignments).values(**row, **_signed(reviewer, now)))
        return finding_with_history(connection, finding_id)


def _seen(connection: Connection, finding_id: str, seen_version: int) -> Record:
    finding = finding_with_history(connection, finding_id)
    if finding["version"] != seen_version:
        raise _conflict(finding)
    return finding


def _advance(
    connection: Connection, finding_id: str, seen_version: int, **changes: str | None
) -> None:
    """Move on by one version; of two who do it at the same moment only one finds the old one."""
    columns = review_findings.c
    this = (columns.id == finding_id) & (columns.version == seen_version)
    moved = update(review_findings).where(this).values(version=seen_version + 1, **changes)
    if connection.execute(moved).rowcount != 1:
        raise _conflict(finding_with_history(connection, finding_id))


def _conflict(finding: Record) -> EditConflictError:
    history = finding["history"]
    return EditConflictError(
        "Somebody else wrote about this finding since you read it."
        if history
        else "The finding has another version than the one in If-Match.",
        needed=f'If-Match: "{finding["version"]}", the version of the finding as it is now.',
        remedy="read what the other one wrote (in `standing`), then write again.",
        standing=history[-1] if history else {"version": finding["version"]},
    )


def _withdrawal(finding: Record, reviewer: Reviewer) -> tuple[int, str]:
    """Tell which judgement is taken back, and the state that the one before it gives."""
    standing = standing_judgements(finding["history"])
    if not standing:
        raise ConflictError(
            "Nobody's judgement of this finding stands.",
            needed="a judgement to take back.",
            remedy="read the finding again.",
        )
    last = standing.pop()
    if not (reviewer.is_lead or reviewer.is_same_person(last["reviewer"], last["key_id"])):
        raise ForbiddenError(
            "The latest judgement is another person's.",
            needed="a judgement of your own, or a lead's key.",
            remedy="write a judgement of your own beside it.",
        )
    return int(last["version"]), str(standing[-1]["verdict"]) if standing else "open"


def _signed(reviewer: Reviewer, now: datetime) -> Record:
    return {"reviewer": reviewer.name, "key_id": reviewer.key_id, "at": now}
