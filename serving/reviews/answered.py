"""Answers with what the review desk says about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import orjson

from serving.reviews.approval_cache import ApprovalCache
from serving.reviews.marks import Marks, WithheldDrug, about
from serving.reviews.snapshots import Snapshot
from serving.reviews.standing import Choice

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle

NEVER_READ = (
    "Whether these drugs are approved is not known: the decisions of reviewers could not be read "
    "since this service was first started."
)


class Review(NamedTuple):
    """What the desk says about the answers to one question; a tuple, because each makes one.

    Attributes
    ----------
    marks
        Approvals of the drugs that are answered.
    withheld
        Drugs that were asked for, and are not answered.
    is_current
        Whether these are the approvals of the moment: the same question has the same answer then.
    as_of
        When the database last had these approvals, in UTC, where they are not current; None too
        where they were never read.
    age_seconds
        How long ago that was.
    """

    marks: Marks
    withheld: tuple[WithheldDrug, ...]
    is_current: bool = True
    as_of: str | None = None
    age_seconds: float | None = None

    def to_json(self) -> orjson.Fragment:
        """Encode what stands once in an answer."""
        if self.is_current and not self.withheld:
            return self.marks.current_json
        return about(
            self.marks.limits,
            is_current=self.is_current,
            as_of=self.as_of,
            age_seconds=self.age_seconds,
            withheld=self.withheld,
        )


class Reviewing(NamedTuple):
    """The approvals that one question is answered by.

    Attributes
    ----------
    approvals
        Where they come from.
    snapshot
        Those of the moment.
    served
        The bundle that is asked.
    """

    approvals: ApprovalCache
    snapshot: Snapshot
    served: ServedBundle

    @classmethod
    def of(cls, approvals: ApprovalCache, served: ServedBundle) -> Reviewing:
        """Take the approvals of the moment."""
        return cls(approvals, approvals.snapshot, served)

    def choose(self, asked: tuple[str, ...] | None) -> Choice:
        """Leave out drugs that must not be answered."""
        return self.snapshot.standing(self.served).choose(asked)

    def review(self, answers: CompiledAnswers, choice: Choice) -> tuple[CompiledAnswers, Review]:
        """Say where the drugs stand, in the answers' notes too where there is something to say."""
        marks = self.snapshot.standing(self.served).marks(answers.drugs)
        look, age = self.approvals.look, self.approvals.age_seconds()
        notes = choice.notes
        if look is None or age is None:
            review = Review(marks, choice.withheld, is_current=False)
            notes = (*notes, NEVER_READ)
        elif self.approvals.is_stale(age):
            review = Review(marks, choice.withheld, False, look.text, round(age, 1))
            notes = (*notes, _stale(look.text))
        else:
            review = Review(marks, choice.withheld)
        if not notes:
            return answers, review
        return replace(answers, notes=(*answers.notes, *notes)), review


def _stale(as_of: str) -> str:
    return (
        f"Approvals are those of {as_of}: the database of reviews does not answer, and what "
        "reviewers decided since is not known here."
    )
