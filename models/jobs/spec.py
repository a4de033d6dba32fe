"""What a job is to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

from models.jobs.errors import JobSpecError
from models.jobs.fields import choice_field, flag_field, refused, text_field, whole_field
from models.jobs.steps import STEPS

__all__ = ["STEPS", "JobSpec"]

Kind = Literal["retrain", "promote"]
KINDS = ("retrain", "promote")
PROMOTE = ("never", "if_better")
SHUFFLED_LABELS = "shuffled_labels"
DRILL_WENT_THROUGH = "the gate let a fire drill pass: its policy must be mended"
SCHEDULE = "schedule:"
REASONS = ("by hand", "new release", "drift")
MOST_DRUGS = 2000
_COHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
WHOLE = {
    "random_sets": (0, 10_000),
    "seed": (0, 2**31 - 1),
    "n_folds": (2, 20),
    "n_seeds": (1, 20),
    "batch_drugs": (1, MOST_DRUGS),
}
OF_RETRAIN = frozenset(("cohort", "drugs", "promote", "drill", *WHOLE))
OF_PROMOTE = frozenset(("bundle",))


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is to do.

    Attributes
    ----------
    kind
        `retrain`: train on a cohort, register, and promote what passes the gate; `promote`: put a
        registered bundle before the gate.
    cohort
        Of a retraining; None for a promotion.
    drugs
        `"all"`, or the names of some.
    random_sets
        Random gene sets to hold each drug against; 0 runs no controls.
    seed, n_folds, n_seeds
        The folds: seeds `seed` to `seed + n_seeds - 1`.
    batch_drugs
        Drugs that are learned between two checkpoints.
    promote
        `never`, or `if_better`: as the gate decides.
    bundle
        Version or alias of a promotion; None for a retraining.
    policy
        Name of the promotion policy; None for the one that is shipped.
    drill
        `shuffled_labels` trains on permuted labels, a fire drill of the gate.
    reason
        Why: `by hand`, `new release`, `drift`, or `schedule:<name>`.
    force
        Train although nothing is new.
    """

    kind: Kind
    cohort: str | None = None
    drugs: Literal["all"] | tuple[str, ...] = "all"
    random_sets: int = 0
    seed: int = 0
    n_folds: int = 5
    n_seeds: int = 3
    batch_drugs: int = 20
    promote: Literal["never", "if_better"] = "if_better"
    bundle: str | None = None
    policy: str | None = None
    drill: Literal["shuffled_labels"] | None = None
    reason: str = "by hand"
    force: bool = False

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> JobSpec:
        """Read a job strictly.

        Raises
        ------
        JobSpecError
            A field is unknown, missing, out of range, or of the other kind of job.
        """
        if not isinstance(document, Mapping):
            raise refused("kind", document, "a job is a JSON object.")
        kind = choice_field(document.get("kind"), "kind", KINDS)
        given = {name: value for name, value in document.items() if name != "kind"}
        _check_names(kind, given)
        needed = "cohort" if kind == "retrain" else "bundle"
        if given.get(needed) is None:
            raise JobSpecError(needed, found="missing", needed=f"a job of the kind {kind} has one.")
        known = {name: _field(name, value) for name, value in given.items() if value is not None}
        return cls(kind=cast("Kind", kind), **known)

    @classmethod
    def from_stored(cls, document: Mapping[str, Any]) -> JobSpec:
        """Read a job that was stored, to show it: another release may have other fields.

        Fields that this release does not know are left out; values that it would refuse stay as
        they are. Who does the job, or makes another one like it, reads it by `from_json`.
        """
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {"kind": "unknown"} | {
            name: value
            for name, value in document.items()
            if name in known and isinstance(value, str | int | float)
        }
        drugs = document.get("drugs")
        if isinstance(drugs, list | tuple):
            given["drugs"] = tuple(map(str, drugs))
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """Give the fields of its kind, as `from_json` reads them."""
        others = OF_PROMOTE if self.kind == "retrain" else OF_RETRAIN
        document = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name not in others
        }
        if isinstance(document.get("drugs"), tuple):
            document["drugs"] = list(self.drugs)
        return document


def _check_names(kind: str, given: Mapping[str, Any]) -> None:
    known = {one.name for one in fields(JobSpec)} - {"kind"}
    others = OF_PROMOTE if kind == "retrain" else OF_RETRAIN
    for name in given:
        if name not in known:
            raise JobSpecError(
                str(name)[:80], found="unknown", needed=f"one of {', '.join(sorted(known))}."
            )
        if name in others and given[name] is not None:
            raise JobSpecError(
                name, found="given", needed=f"nothing: a job of the kind {kind} has no such field."
            )


def _field(name: str, value: Any) -> Any:
    if name in WHOLE:
        low, high = WHOLE[name]
        return whole_field(value, name, low=low, high=high)
    if name in SPECIAL:
        return SPECIAL[name](value)
    return text_field(value, name, longest=100)  # bundle


def _cohort(value: Any) -> str:
    name = text_field(value, "cohort", longest=100)
    if _COHORT.fullmatch(name):
        return name
    raise refused("cohort", value, "the name of a cohort, as `cupromark data list` gives it.")


def _drugs(value: Any) -> str | tuple[str, ...]:
    if value == "all":
        return "all"
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_DRUGS:
        raise refused("drugs", value, f'"all", or a list of 1 to {MOST_DRUGS} names.')
    names = tuple(text_field(one, "drugs", longest=200) for one in value)
    if len(set(names)) != len(names):
        raise refused("drugs", value, "each drug once.")
    return names


def _policy(value: Any) -> str:
    name = text_field(value, "policy", longest=100)
    if _NAME.fullmatch(name):
        return name
    raise refused("policy", value, "the name of a policy that the worker holds, not a path.")


def _reason(value: Any) -> str:
    reason = text_field(value, "reason", longest=120)
    named = reason.startswith(SCHEDULE) and _NAME.fullmatch(reason.removeprefix(SCHEDULE))
    if reason in REASONS or named:
        return reason
    raise refused("reason", value, f"one of {', '.join(REASONS)}, or {SCHEDULE}<name>.")


SPECIAL: dict[str, Callable[[Any], Any]] = {
    "cohort": _cohort,
    "drugs": _drugs,
    "policy": _policy,
    "reason": _reason,
    "promote": lambda value: choice_field(value, "promote", PROMOTE),
    "drill": lambda value: choice_field(value, "drill", (SHUFFLED_LABELS,)),
    "force": lambda value: flag_field(value, "force"),
}
