"""What a job needs from the service, passed in: review desk, live shadow, audit trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from training.promotion.shadow_checks import ShadowFigures  # with it comes what a child needs


@dataclass(frozen=True, slots=True)
class Registered:
    """A version that a job registered or is to promote."""

    job_id: str
    submitted_by: str
    version: str
    bundle_sha256: str
    cohort: str


class Outside(Protocol):
    """The other side of the one-way rule; `cupromark worker` puts one together.

    Every method raises `training.jobs.errors.AwayError` where what it asks does not answer; the job
    then waits.
    """

    def registered(self, version: Registered, *, check: Callable[[], None]) -> str | None:
        """Prepare what people need for a new version; give a sentence for the log.

        `check` is called all the while, and raises where the job is not to go on.
        """
        ...

    def missing_sign_offs(
        self, version: Registered, asked: Mapping[str, Any]
    ) -> Sequence[str] | None:
        """Give sentences of what the review desk lacks, or None where nobody can say.

        `asked` is what the policy wants: `statuses` of drugs, `people`, `judged_kinds`.
        """
        ...

    def answers_in_shadow(self, version: Registered, champion_sha256: str) -> ShadowFigures | None:
        """Give what the service counted of a version in the shadow of a champion, or None."""
        ...

    def approvals(self, version: Registered, people: int) -> Mapping[str, str]:
        """Give what people have decided about the drugs of a version, as tags for it.

        An approval takes `people` of them. Empty where there is no review desk.
        """
        ...

    def decided(self, version: Registered, decision: Mapping[str, Any]) -> None:
        """Write the gate's decision into the audit trail."""
        ...

    def promoted(self, version: Registered, before: str | None) -> None:
        """Write a promotion into the audit trail; `before` was champion until then."""
        ...


class NothingOutside:
    """No desk and no trail: for a worker beside no service."""

    def registered(self, version: Registered, *, check: Callable[[], None]) -> str | None:
        """Prepare nothing."""
        del version, check
        return None

    def missing_sign_offs(
        self, version: Registered, asked: Mapping[str, Any]
    ) -> Sequence[str] | None:
        """Say that nobody was asked."""
        del version, asked
        return None

    def answers_in_shadow(self, version: Registered, champion_sha256: str) -> ShadowFigures | None:
        """Say that nobody was asked."""
        del version, champion_sha256
        return None

    def approvals(self, version: Registered, people: int) -> Mapping[str, str]:
        """Know of nobody who decided."""
        del version, people
        return {}

    def decided(self, version: Registered, decision: Mapping[str, Any]) -> None:
        """Write nothing."""

    def promoted(self, version: Registered, before: str | None) -> None:
        """Write nothing."""
