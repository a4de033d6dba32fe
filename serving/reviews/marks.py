"""What the desk says beside answers: of each drug that is answered, and of those that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from serving.reviews.words import ShownApproval


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Approvals of some drugs, in their order; the same object for the same drugs and approvals.

    Attributes
    ----------
    drugs, statuses
        (d,) names, and what their evidence amounts to.
    states
        (d,) where each stands; `unknown` where that could never be read.
    limit_texts
        (d,) what is shown with every answer; empty unless it is approved with limits.
    limits
        The same by drug, of drugs that have limits.
    current_json
        What stands once in an answer of which nothing is withheld.
    """

    drugs: tuple[str, ...]
    statuses: tuple[str, ...]
    states: tuple[ShownApproval, ...]
    limit_texts: tuple[str, ...]
    limits: Mapping[str, str]
    current_json: orjson.Fragment


@dataclass(frozen=True, slots=True)
class WithheldDrug:
    """A drug that was asked for, and is not answered because of where its review stands."""

    drug: str
    approval: ShownApproval

    @property
    def reason(self) -> str:
        """Say why, in a sentence."""
        if self.approval == "rejected":
            return "Rejected at review."
        return f"Not approved at review ({self.approval}): only approved drugs are answered here."

    def to_json(self) -> dict[str, str]:
        """Give it as JSON."""
        return {"drug": self.drug, "approval": self.approval, "reason": self.reason}


def about(
    limits: Mapping[str, str],
    *,
    is_current: bool = True,
    as_of: str | None = None,
    age_seconds: float | None = None,
    withheld: Sequence[WithheldDrug] = (),
) -> orjson.Fragment:
    """Encode what stands once in an answer; see `serving.predictions.schemas.ReviewsAnswer`."""
    return orjson.Fragment(
        orjson.dumps(
            {
                "is_current": is_current,
                "as_of": as_of,
                "age_seconds": age_seconds,
                "limits": limits,
                "withheld": [one.to_json() for one in withheld],
            }
        )
    )
