"""The file of approvals that were read last, for a start while the database is away."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from serving.reviews.approvals import Approval
from serving.reviews.snapshots import BySha256

FORMAT = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeptApprovals:
    """Approvals as they were.

    Attributes
    ----------
    approvals
        Bundle -> drug -> approval.
    read_at
        When the database had them so, in seconds since 1970.
    """

    approvals: BySha256
    read_at: float


def keep(path: Path, kept: KeptApprovals) -> None:
    """Write them whole or not at all; what stands in the way is logged, and not raised."""
    content = {
        "format": FORMAT,
        "read_at": kept.read_at,
        "bundles": {
            sha256: {drug: approval.to_json() for drug, approval in of_bundle.items()}
            for sha256, of_bundle in kept.approvals.items()
        },
    }
    written = path.with_name(f"{path.name}.new")
    try:
        written.write_text(json.dumps(content), encoding="utf-8")
        written.replace(path)
    except OSError as error:
        log.warning("approvals.not_kept", error=error.strerror)


def read_kept(path: Path, *, n_people: int) -> KeptApprovals | None:
    """Read them; None where there are none, or what is there is something else.

    Parameters
    ----------
    n_people
        How many different people an approval takes now: one that fewer gave waits for another.
    """
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            log.warning("approvals.not_read", format=content["format"])
            return None
        bundles = {
            str(sha256): {
                str(drug): _still(Approval.from_json(one), n_people)
                for drug, one in of_bundle.items()
            }
            for sha256, of_bundle in content["bundles"].items()
        }
        return KeptApprovals(bundles, float(content["read_at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("approvals.not_read", error=type(error).__name__)
        return None


def _still(approval: Approval, n_people: int) -> Approval:
    if approval.state.startswith("approved") and len(approval.people) < n_people:
        return replace(approval, state="awaiting_second_person", limits="")
    return approval
