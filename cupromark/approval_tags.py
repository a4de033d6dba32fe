"""Approvals as tags of a version in MLflow: what reviewers had decided when it was promoted.

The model that MLflow stores answers without the service, and knows the bundle alone; whoever runs
it finds here which drugs were rejected, and which limits hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cupromark.databases import opened_database

if TYPE_CHECKING:
    from models.store import BundleStore, StoredBundle
    from serving.database.engine import Database
    from serving.reviews.approvals import Approval

LONGEST_TAG = 4_000


def tag_approvals(
    store: BundleStore,
    stored: StoredBundle,
    *,
    n_people: int,
    address: str | None,
    state: Path,
) -> None:
    """Write to a version where its drugs stand.

    Parameters
    ----------
    n_people
        How many different people an approval takes.
    address, state
        Of the service's database, as `cupromark.databases` takes them.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    StoreError
        If MLflow does not.
    """
    with opened_database(address, state) as database:
        tags = read_approval_tags(database, stored.sha256, n_people=n_people)
    store.tag(stored.version, tags)


def read_approval_tags(database: Database, bundle_sha256: str, *, n_people: int) -> dict[str, str]:
    """Read where the drugs of a bundle stand, as tags; DatabaseAwayError if it does not answer."""
    from serving.reviews.decided_approvals import read_decided

    _, approvals = read_decided(database, n_people=n_people, seen=None)
    return approval_tags((approvals or {}).get(bundle_sha256, {}), now=datetime.now(UTC))


def approval_tags(approvals: Mapping[str, Approval], *, now: datetime) -> dict[str, str]:
    """Say what was decided: names of drugs by state, and the limits; empty where there are none."""
    by_state: dict[str, list[str]] = {
        "rejected": [], "approved": [], "approved_with_limits": [], "awaiting_second_person": [],
    }  # fmt: skip
    for drug, approval in approvals.items():
        by_state.setdefault(approval.state, []).append(drug)
    limits = [f"{drug}: {one.limits}" for drug, one in approvals.items() if one.limits]
    names = {f"approvals_{state}": ", ".join(sorted(drugs)) for state, drugs in by_state.items()}
    tags = {
        "approvals_at": now.isoformat(timespec="seconds"),
        **names,
        "approvals_limits": "; ".join(limits),
    }
    return {key: _cut(value) for key, value in tags.items()}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TAG else f"{text[: LONGEST_TAG - 3]}..."
