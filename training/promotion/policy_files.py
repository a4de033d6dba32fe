"""Policies as data: JSON in which every rule has a value and the reason for it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.promotion.errors import PolicyError

FORMAT = 1
KEYS = ("format", "policy", "version", "rules")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the value of a rule may be.

    Attributes
    ----------
    fits
        Whether a value, as JSON gives it, may stand.
    needed
        The same in words.
    """

    fits: Callable[[Any], bool]
    needed: str


@dataclass(frozen=True, slots=True)
class PolicyContent:
    """A policy as its file says it.

    Attributes
    ----------
    version
        Chosen by whoever writes the policy.
    values, reasons
        By rule.
    """

    version: str
    values: dict[str, Any]
    reasons: dict[str, str]


def number(low: float, high: float) -> Rule:
    """Make a rule whose value is a number between two bounds, both included."""

    def fits(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and low <= value <= high

    return Rule(fits, f"a number from {low:g} to {high:g}")


def count(low: int, high: int) -> Rule:
    """Make a rule whose value is a whole number between two bounds, both included."""

    def fits(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Rule(fits, f"a whole number from {low} to {high}")


def words(allowed: Sequence[str] | None = None) -> Rule:
    """Make a rule whose value is a list of texts, each once; any, or those allowed."""

    def fits(value: Any) -> bool:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            return False
        known = allowed is None or all(one in allowed for one in value)
        return known and len(set(value)) == len(value)

    kinds = "texts" if allowed is None else f"any of {', '.join(allowed)}"
    return Rule(fits, f"a list of {kinds}, each once")


def read_policy(path: Path) -> str:
    """Text of a policy's file; PolicyError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"The policy {path} cannot be read: {error}.",
            needed="a file of JSON.",
            remedy="name another file, or leave the option out for the shipped policy.",
        ) from error


def parse_policy(text: str, *, kind: str, rules: Mapping[str, Rule]) -> PolicyContent:
    """Read a policy strictly: every rule once, with a value that makes sense and a reason.

    Parameters
    ----------
    kind
        What the file must say that it is.
    rules
        What must stand in it, by name.

    Raises
    ------
    PolicyError
        It is not JSON, of another kind or format, lacks a rule, or has one too many.
    """
    content = _json(text)
    _refuse_keys(content, KEYS, "The policy")
    if (content["policy"], content["format"]) != (kind, FORMAT) or content["format"] is True:
        raise _unfit(
            f"A policy {content['policy']!r} of format {content['format']!r}",
            f"a policy {kind!r} of format {FORMAT}",
        )
    version = content["version"]
    if not isinstance(version, str) or not version.strip() or len(version) > 100:
        raise _unfit(f"The version {version!r}", "a text of at most 100 characters")
    if not isinstance(content["rules"], dict):
        raise _unfit("Rules that are no object", "an object of rules by name")
    _refuse_keys(content["rules"], tuple(rules), "The rules")
    for name, rule in rules.items():
        _check_rule(name, content["rules"][name], rule)
    stated = content["rules"]
    return PolicyContent(
        version,
        {name: stated[name]["value"] for name in rules},
        {name: stated[name]["reason"] for name in rules},
    )


def _check_rule(name: str, entry: Any, rule: Rule) -> None:
    if not isinstance(entry, dict):
        raise _unfit(f"The rule {name} is {entry!r}", "an object with `value` and `reason`")
    _refuse_keys(entry, ("value", "reason"), f"The rule {name}")
    if not isinstance(entry["reason"], str) or not entry["reason"].strip():
        raise _unfit(f"The rule {name} has no reason", "a sentence that says why")
    if not rule.fits(entry["value"]):
        raise _unfit(f"The rule {name} has the value {entry['value']!r}", rule.needed)


def _json(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _unfit(f"A policy that is no JSON ({error})", "one JSON object") from error
    if not isinstance(content, dict):
        raise _unfit("A policy that is no JSON object", "one JSON object")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key twice among {', '.join(keys)}")
    return dict(pairs)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _refuse_keys(found: Mapping[str, Any], expected: Sequence[str], whose: str) -> None:
    missing = [key for key in expected if key not in found]
    unknown = [key for key in found if key not in expected]
    if missing or unknown:
        parts = [f"lack {', '.join(missing)}"] if missing else []
        parts += [f"hold {', '.join(unknown)}, which is not known"] if unknown else []
        raise _unfit(f"{whose} {' and '.join(parts)}", f"exactly {', '.join(expected)}")


def _unfit(found: str, needed: str) -> PolicyError:
    return PolicyError(
        f"{found}.",
        needed=f"{needed}.",
        remedy="start from a copy of the shipped policy (training/data) and change it.",
    )
