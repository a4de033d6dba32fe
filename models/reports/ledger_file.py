"""Reading the ledger of claims that `cupromark claims test` wrote."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from models.errors import ReportError

MOST_BYTES = 64 * 1024 * 1024
NEEDED = ("claim_id", "verdict", "within_lineage")


def kept_ledger(store: Path, *, cohort: str) -> Path | None:
    """Find the ledger of a cohort in a store's folder, where somebody put one."""
    stem = f"claims-{cohort.replace(':', '-')}"
    candidates = (store / "evidence" / f"{stem}{ending}" for ending in (".csv", ".json"))
    return next((path for path in candidates if path.is_file()), None)


def read_ledger(path: Path, *, cohort: str) -> list[dict[str, Any]]:
    """Read rows of a ledger, from its JSON or its CSV.

    Parameters
    ----------
    cohort
        Cohort of the bundle: verdicts of another one do not belong in its report.

    Raises
    ------
    ReportError
        The file cannot be read, is no ledger, or is of another cohort.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _no_ledger(path, f"is larger than {MOST_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
        found, rows = _parsed(text, is_json=text.lstrip().startswith("{"))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, csv.Error, RecursionError) as error:
        raise _no_ledger(path, f"cannot be read as one ({error})") from error
    if any(not isinstance(row, dict) or not set(NEEDED) <= set(row) for row in rows):
        raise _no_ledger(path, f"lacks one of the columns {', '.join(NEEDED)}")
    if rows and found != {cohort}:
        raise ReportError(
            f"{path.name} holds claims tested on {', '.join(sorted(found))}.",
            needed=f"a ledger of {cohort}, the cohort of the bundle.",
            remedy=f"run `cupromark claims test --cohort {cohort} --out ledger.csv`.",
        )
    return rows


def _parsed(text: str, *, is_json: bool) -> tuple[set[str], list[dict[str, Any]]]:
    if is_json:
        content = json.loads(text)
        rows = content["claims"]
        if not isinstance(rows, list):
            raise ValueError("`claims` is no list")
        return {str(content["cohort"])}, rows
    lines = list(csv.DictReader(io.StringIO(text)))
    return {str(line.get("cohort", "an unnamed cohort")) for line in lines}, lines


def _no_ledger(path: Path, what: str) -> ReportError:
    return ReportError(
        f"{path} {what}.",
        needed="a ledger of claims, as `cupromark claims test` writes it (CSV or JSON).",
        remedy="run `cupromark claims test --cohort COHORT --out ledger.csv`.",
    )
