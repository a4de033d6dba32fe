"""Lines of the audit trail about the gate, the same whether a person or a job promotes.

A decision is written with what it was based on before anything changes; `bundle.promoted` once the
version has taken the champion's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

ACCEPTED, REFUSED, FORCED = "bundle.accepted", "bundle.refused", "bundle.forced"
PROMOTED = "bundle.promoted"


class TrailLine(NamedTuple):
    """What was done, and a few words about it."""

    action: str
    detail: str

    def of_job(self, job_id: str) -> TrailLine:
        """Name the job that did it."""
        return TrailLine(self.action, f"job {job_id}; {self.detail}")


def decision_line(decision: Mapping[str, Any]) -> TrailLine:
    """Tell what the gate decided, by which policy and why.

    Parameters
    ----------
    decision
        As `training.promotion.decision.Decision.to_json` gives it.
    """
    because = decision.get("overruled_because")
    parts = [f"policy {decision['policy_version']}"]
    parts += [f"because: {because}"] if because else []
    detail = "; ".join([*parts, *decision["reasons"]])
    if decision["accepted"]:
        return TrailLine(ACCEPTED, detail)
    return TrailLine(FORCED if because else REFUSED, detail)


def promotion_line(before: str | None) -> TrailLine:
    """Tell that a version became champion in the place of another one, or of none."""
    detail = "first champion" if before is None else f"champion until then: version {before}"
    return TrailLine(PROMOTED, detail)
