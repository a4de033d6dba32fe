"""What the gate found: one line a check, and whether any of them stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the policy, and its answer.

    Attributes
    ----------
    name
        One of `training.promotion.policy.CHECKS`; those of external cohorts are followed by a
        colon and the cohort.
    passed
        None where it cannot be computed, or there is nothing to compare with.
    found, needed
        In words and figures.
    reason
        Why it is asked; of one that could not be computed, why not.
    """

    name: str
    passed: bool | None
    found: str
    needed: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Every field by name."""
        return {name: getattr(self, name) for name in Check.__slots__}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a challenger may become the champion, and why (not).

    Attributes
    ----------
    checks
        Every one, in the order of the policy.
    blocking
        Names of those that stand in the way: failed, or not computed where the policy says that
        this blocks.
    policy_version
        Version of the policy and the start of the hash of its values.
    challenger_sha256, champion_sha256
        Hashes of the bundles; None where there is no champion yet.
    decided_at
        ISO 8601, UTC.
    decided_by
        Who asked.
    overruled_because
        Why somebody made it the champion all the same; empty where nobody did.
    """

    checks: tuple[Check, ...]
    blocking: tuple[str, ...]
    policy_version: str
    challenger_sha256: str
    champion_sha256: str | None
    decided_at: str
    decided_by: str
    overruled_because: str = ""

    @property
    def accepted(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.blocking

    @property
    def reasons(self) -> list[str]:
        """One sentence for every check that stands in the way."""
        return [_sentence(check) for check in self.checks if check.name in self.blocking]

    def to_json(self) -> dict[str, Any]:
        """Every field by name, with the format."""
        return {
            "format": FORMAT,
            "accepted": self.accepted,
            "overruled_because": self.overruled_because,
            "policy_version": self.policy_version,
            "challenger_sha256": self.challenger_sha256,
            "champion_sha256": self.champion_sha256,
            "decided_at": self.decided_at,
            "decided_by": self.decided_by,
            "checks": [check.to_json() for check in self.checks],
            "blocking": list(self.blocking),
            "reasons": self.reasons,
        }


def _sentence(check: Check) -> str:
    if check.passed is None:
        return f"{check.name}: not known, and must be: {check.reason}"
    return f"{check.name}: {check.found}; needed {check.needed}"
