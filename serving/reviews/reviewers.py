"""Who may do what at the desk.

A viewer's key has the scope `predict`, a reviewer's `review`, a lead's `review` and `operate`;
`admin` holds all of them. A key with `operate` alone, as Prometheus has, is no lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serving.access.callers import Caller, Scope
from serving.errors import ForbiddenError

Role = Literal["viewer", "reviewer", "lead", "admin"]
READ = (Scope.PREDICT, Scope.REVIEW)
WRITE = (Scope.REVIEW,)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Whoever judges or decides, by name.

    Attributes
    ----------
    name, key_id
        Name and public part of the API key; "oidc:<subject>" for a token.
    """

    name: str
    key_id: str
    is_lead: bool

    def is_same_person(self, name: str, key_id: str) -> bool:
        """Whether an entry is by the same person: by the same key, or under the same name."""
        return key_id == self.key_id or name.casefold() == self.name.casefold()


def role_of(caller: Caller) -> Role | None:
    """Name the role of a caller; None for one who may not even look."""
    if Scope.ADMIN in caller.scopes:
        return "admin"
    if Scope.REVIEW in caller.scopes:
        return "lead" if Scope.OPERATE in caller.scopes else "reviewer"
    return "viewer" if Scope.PREDICT in caller.scopes else None


def named_reviewer(caller: Caller) -> Reviewer:
    """Tell who writes.

    Raises
    ------
    ForbiddenError
        In open mode, where nobody has a name.
    """
    if caller.key_id is None:
        raise ForbiddenError(
            "Nobody has a name in open mode, and what is written at the review desk bears one.",
            needed="an API key with the scope review, named like its reviewer.",
            remedy="make one: `cupromark keys create --name 'A. Reviewer' --scope review`.",
        )
    return Reviewer(caller.name[:200], caller.key_id[:200], role_of(caller) in ("lead", "admin"))


def refuse_all_but_leads(reviewer: Reviewer, what: str) -> None:
    """Let leads alone through.

    Raises
    ------
    ForbiddenError
        The reviewer is no lead.
    """
    if not reviewer.is_lead:
        raise ForbiddenError(
            f"The API key is no lead's, who alone may {what}.",
            needed="a key with the scopes review and operate, or admin.",
            remedy="ask a lead of this service.",
        )
