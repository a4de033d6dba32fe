"""What is kept of old versions, runs, fetched bundles, jobs and their logs, as data.

The shipped policy is `training/data/retention_policy.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path

from training.promotion.policy_files import Rule, count, number, parse_policy, read_policy

KIND = "retention"
SHIPPED = "data/retention_policy.json"
RULES: dict[str, Rule] = {
    "keep_newest": count(1, 10_000),
    "keep_days": number(0, 36_500),
    "keep_run_days": number(0, 36_500),
    "keep_log_days": number(0, 36_500),
    "keep_job_days": number(0, 36_500),
}


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Rules of retention.

    Attributes
    ----------
    version
        As its file says.
    keep_newest
        So many of the newest versions stay.
    keep_days
        Younger versions stay.
    keep_run_days
        Younger runs stay that registered no version.
    keep_log_days
        Logs of jobs that ended since stay.
    keep_job_days
        Jobs that ended since stay, with their reasons and the keys they were submitted with.
    reasons
        Rule -> why its value is what it is.
    """

    version: str
    keep_newest: int
    keep_days: float
    keep_run_days: float
    keep_log_days: float
    keep_job_days: float
    reasons: dict[str, str]

    @classmethod
    def from_json(cls, text: str) -> RetentionPolicy:
        """Read a policy; PolicyError unless every rule stands there once, with a reason."""
        content = parse_policy(text, kind=KIND, rules=RULES)
        return cls(version=content.version, reasons=content.reasons, **content.values)


def load_retention_policy(path: Path | None = None) -> RetentionPolicy:
    """Policy of a file, the shipped one by default; PolicyError where it cannot be used."""
    return _shipped() if path is None else RetentionPolicy.from_json(read_policy(path))


@cache
def _shipped() -> RetentionPolicy:
    return RetentionPolicy.from_json(
        package_files("training").joinpath(SHIPPED).read_text(encoding="utf-8")
    )
