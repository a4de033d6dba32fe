"""What the decisions about a drug amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from serving.reviews.words import ApprovalState, Decision


@dataclass(frozen=True, slots=True)
class SignOff:
    """One decision about a drug of a bundle.

    Attributes
    ----------
    limits
        What is shown with every prediction, where it is approved with limits.
    figures_sha256
        Hash of the figures that were decided on.
    """

    decision: Decision
    limits: str
    comment: str
    reviewer: str
    key_id: str
    figures_sha256: str
    at: datetime

    @classmethod
    def of_row(cls, row: Any) -> SignOff:
        """Read a row of the table."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Approval:
    """Where a drug of a bundle stands.

    Attributes
    ----------
    state
        A rejected drug is withheld.
    limits
        Shown with every prediction; empty unless the state is approved_with_limits.
    people
        Those whose decisions it rests on, the latest first.
    decided_at
        When the latest of them decided; None where nobody did.
    """

    state: ApprovalState
    limits: str = ""
    people: tuple[str, ...] = ()
    decided_at: datetime | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether the drug must not be answered."""
        return self.state == "rejected"

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        at = None if self.decided_at is None else self.decided_at.isoformat()
        return {**asdict(self), "people": list(self.people), "decided_at": at}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Approval:
        """Read what `to_json` gave; KeyError, TypeError or ValueError for anything else."""
        at = content["decided_at"]
        return cls(
            content["state"],
            str(content["limits"]),
            tuple(map(str, content["people"])),
            None if at is None else datetime.fromisoformat(at).astimezone(UTC),
        )


NO_APPROVAL = Approval("none")


def approval_of(sign_offs: Sequence[SignOff], *, n_people: int) -> Approval:
    """Tell what decisions amount to.

    One rejection is enough, and holds until as many different people as are needed have approved
    after it. Of each person the latest decision counts, and of the people the latest ones; limits
    of any of them hold.

    Parameters
    ----------
    sign_offs
        Oldest first.
    n_people
        How many different people an approval takes.
    """
    approving: list[SignOff] = []
    rejection: SignOff | None = None
    for one in reversed(sign_offs):
        if one.decision == "reject":
            rejection = one
            break
        if not any(_same_person(one, other) for other in approving):
            approving.append(one)
    counted = approving[:n_people]
    if len(counted) == n_people:
        return _approved(counted)
    if rejection is not None:
        return Approval("rejected", "", (rejection.reviewer,), rejection.at)
    if counted:
        people = tuple(one.reviewer for one in counted)
        return Approval("awaiting_second_person", "", people, counted[0].at)
    return NO_APPROVAL


def _approved(counted: Sequence[SignOff]) -> Approval:
    limits = dict.fromkeys(one.limits for one in reversed(counted) if one.limits)
    return Approval(
        "approved_with_limits" if limits else "approved",
        "\n".join(limits),
        tuple(one.reviewer for one in counted),
        counted[0].at,
    )


def _same_person(one: SignOff, other: SignOff) -> bool:
    same_name = one.reviewer.casefold() == other.reviewer.casefold()
    return one.key_id == other.key_id or same_name
