"""What a challenger must show before it is served, as data.

The shipped policy is `training/data/promotion_policy.json`; a copy of it with other values can be
given to `cupromark promote --policy FILE`. Every value stands there with its reason.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from models.drug_model import STATUSES
from training.promotion.policy_files import (
    FORMAT,
    Rule,
    count,
    number,
    parse_policy,
    read_policy,
    words,
)

KIND = "promotion"
SHIPPED = "data/promotion_policy.json"
CHECKS = (
    "golden_answers",
    "real_data",
    "drill",
    "roc_auc_floor",
    "answered_drugs",
    "roc_auc",
    "worse_drugs",
    "brier",
    "calibration_error",
    "coverage",
    "no_call",
    "external",
    "latency",
    "size",
    "worse_statuses",
    "lost_drugs",
    "shadow",
    "sign_offs",
)
"""Names of the checks, in the order in which they are shown."""

FIRM_CHECKS = ("drill",)
"""Checks that nobody overrules, whatever a policy says."""

JUDGED_KINDS = (
    "contradicted_claim",
    "unstable_attribution",
    "surprising_direction",
    "top_gene",
    "top_set",
)
"""Kinds of findings of the review desk; a test holds them to those of the desk."""

RULES: dict[str, Rule] = {
    "n_draws": count(200, 20_000),
    "random_state": count(0, 2**31 - 1),
    "roc_auc_floor": number(0.5, 1),
    "answered_drugs_share": number(0, 1),
    "roc_auc_margin": number(0, 0.5),
    "roc_auc_least": number(-0.5, 0.5),
    "changed_labels_share": number(0, 0.5),
    "compared_drugs_share": number(0, 1),
    "worse_drugs_share": number(0, 1),
    "brier_margin": number(0, 0.5),
    "calibration_error_margin": number(0, 0.5),
    "coverage_level": number(0.5, 0.99),
    "coverage_shortfall": number(0, 0.5),
    "no_call_margin": number(0, 1),
    "external_cohorts": words(),
    "external_margin": number(0, 0.5),
    "latency_ratio": number(1, 1000),
    "latency_unnoticed_ms": number(0, 60_000),
    "latency_ms": number(0.1, 60_000),
    "size_ratio": number(1, 100),
    "size_mb": number(0.1, 100_000),
    "worse_statuses_share": number(0, 1),
    "lost_drugs": count(0, 100_000),
    "shadow_answers": count(0, 10**9),
    "shadow_changed_share": number(0, 1),
    "sign_off_statuses": words(STATUSES),
    "sign_off_people": count(1, 2),
    "judged_kinds": words(JUDGED_KINDS),
    "unknown_blocks": words(CHECKS),
    "never_overruled": words(CHECKS),
}


@dataclass(frozen=True, slots=True)
class PromotionPolicy:
    """Rules of the promotion gate.

    Attributes
    ----------
    version
        As its file says.
    n_draws, random_state
        Of the bootstrap over patients behind every 95% interval.
    roc_auc_floor
        Mean roc_auc over drugs that any champion must reach; its interval must exclude 0.5.
    answered_drugs_share
        Share of the drugs that must not be `withheld`.
    roc_auc_margin, roc_auc_least
        How far below 0 the interval of the mean difference to the champion may reach, and the
        least that the difference itself may be.
    changed_labels_share
        Share of a drug's shared lines whose label may differ between the bundles. Such lines are
        left out of the comparison; beyond it the drug is not compared.
    compared_drugs_share
        Share of the shared drugs that must be comparable for a comparison to count.
    worse_drugs_share
        Share of the compared drugs whose own roc_auc may be surely lower (q < 0.05).
    brier_margin, calibration_error_margin
        How far above 0 the interval of the mean difference may reach.
    coverage_level, coverage_shortfall
        Level of the conformal sets, and how far below it the coverage of a class may be.
    no_call_margin
        How far above 0 the interval of the difference in the share of no calls may reach.
    external_cohorts, external_margin
        Cohorts on whose unseen lines both are held against each other as well, and the margin.
    latency_ratio, latency_unnoticed_ms, latency_ms
        Median of an answer, against the champion's in the same run unless it is too short to be
        noticed, and at most.
    size_ratio, size_mb
        Bytes of the bundle's files, those a drug against the champion's, and at most.
    worse_statuses_share
        Share of the shared drugs whose status may get worse.
    lost_drugs
        How many drugs of the champion may be missing.
    shadow_answers, shadow_changed_share
        How many answers the challenger must have given in the champion's shadow, and the share of
        them that may have another label; 0 answers ask for nothing.
    sign_off_statuses, sign_off_people, judged_kinds
        Which drugs need a decision of the review desk, by how many people, and which kinds of
        findings must have been judged.
    unknown_blocks
        Checks that stand in the way where they cannot be computed.
    never_overruled
        Checks that `--force` does not overrule, beside `FIRM_CHECKS`.
    reasons
        Rule -> why its value is what it is.
    """

    version: str
    n_draws: int
    random_state: int
    roc_auc_floor: float
    answered_drugs_share: float
    roc_auc_margin: float
    roc_auc_least: float
    changed_labels_share: float
    compared_drugs_share: float
    worse_drugs_share: float
    brier_margin: float
    calibration_error_margin: float
    coverage_level: float
    coverage_shortfall: float
    no_call_margin: float
    external_cohorts: tuple[str, ...]
    external_margin: float
    latency_ratio: float
    latency_unnoticed_ms: float
    latency_ms: float
    size_ratio: float
    size_mb: float
    worse_statuses_share: float
    lost_drugs: int
    shadow_answers: int
    shadow_changed_share: float
    sign_off_statuses: tuple[str, ...]
    sign_off_people: int
    judged_kinds: tuple[str, ...]
    unknown_blocks: tuple[str, ...]
    never_overruled: tuple[str, ...]
    reasons: dict[str, str]

    @classmethod
    def from_json(cls, text: str) -> PromotionPolicy:
        """Read a policy; PolicyError unless every rule stands there once, with a reason."""
        content = parse_policy(text, kind=KIND, rules=RULES)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.values.items()
        }
        return cls(version=content.version, reasons=content.reasons, **values)

    def to_json(self) -> str:
        """Write the policy as `from_json` reads it."""
        values = asdict(self)
        rules = {name: {"value": values[name], "reason": self.reasons[name]} for name in RULES}
        content = {"format": FORMAT, "policy": KIND, "version": self.version, "rules": rules}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    @property
    def name(self) -> str:
        """Version with the start of the hash of its values, so that a changed copy shows."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name in RULES}
        plain: Any = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
        sha256 = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
        return f"{self.version} ({sha256[:12]})"


def load_policy(path: Path | None = None) -> PromotionPolicy:
    """Policy of a file; the shipped one by default.

    Raises
    ------
    PolicyError
        The file cannot be read, or is no promotion policy.
    """
    return _shipped() if path is None else PromotionPolicy.from_json(read_policy(path))


@cache
def _shipped() -> PromotionPolicy:
    return PromotionPolicy.from_json(
        package_files("training").joinpath(SHIPPED).read_text(encoding="utf-8")
    )
