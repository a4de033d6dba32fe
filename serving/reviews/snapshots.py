"""The approvals of all bundles at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from serving.reviews.approvals import Approval
from serving.reviews.standing import BundleStanding
from serving.reviews.words import Unapproved

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle

BySha256 = Mapping[str, Mapping[str, Approval]]
NOBODY: Mapping[str, Approval] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The approvals of all bundles at a time.

    Attributes
    ----------
    approvals
        Bundle -> drug -> approval, for drugs that somebody decided about.
    number
        Another one for other approvals.
    is_known
        Whether they were ever read, from the database or from the file of the last run.
    unapproved
        What becomes of drugs that are neither approved nor rejected.
    """

    approvals: BySha256
    number: int
    is_known: bool
    unapproved: Unapproved
    _standings: dict[str, BundleStanding] = field(default_factory=dict)

    def standing(self, served: ServedBundle) -> BundleStanding:
        """Tell where the drugs of a bundle stand; made at the first question."""
        found = self._standings.get(served.sha256)
        if found is not None:
            return found
        bundle = served.bundle
        made = BundleStanding(
            self.approvals.get(served.sha256, NOBODY),
            dict(zip(bundle.drugs, bundle.statuses, strict=True)),
            is_known=self.is_known,
            unapproved=self.unapproved,
        )
        return self._standings.setdefault(served.sha256, made)


@dataclass(frozen=True, slots=True)
class Look:
    """When the database was last seen to have these approvals: seconds since 1970, and as text."""

    at: float
    text: str

    @classmethod
    def made(cls, at: float) -> Look:
        """Write a time out."""
        return cls(at, datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds"))
