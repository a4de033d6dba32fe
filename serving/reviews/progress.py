"""How far the review of each bundle has come: findings judged, drugs decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from serving.database.engine import Database
from serving.reviews.approvals import SignOff, approval_of
from serving.reviews.findings import PLACES_OF_KIND
from serving.reviews.material_store import ReviewedBundle, list_bundles
from serving.reviews.tables import review_drugs, review_findings, review_sign_offs
from serving.reviews.words import KINDS, ApprovalState, Kind


@dataclass(frozen=True, slots=True)
class KindProgress:
    """Findings of one kind, and how many of them have a judgement that stands."""

    kind: Kind
    n_findings: int
    n_judged: int


@dataclass(frozen=True, slots=True)
class BundleProgress:
    """How far the review of a bundle has come.

    Attributes
    ----------
    kinds
        In the order of the queue; kinds without findings are left out.
    n_by_status
        Status -> number of drugs.
    approvals
        (status of the drug, state of its approval) -> number of drugs.
    """

    bundle: ReviewedBundle
    kinds: tuple[KindProgress, ...]
    n_by_status: Mapping[str, int]
    approvals: Mapping[tuple[str, ApprovalState], int]

    @property
    def n_findings(self) -> int:
        """Findings of all kinds."""
        return sum(one.n_findings for one in self.kinds)

    @property
    def n_judged(self) -> int:
        """Judged findings of all kinds."""
        return sum(one.n_judged for one in self.kinds)

    def n_approvals(self, status: str, *states: ApprovalState) -> int:
        """How many drugs of a status have an approval in one of some states."""
        return sum(self.approvals.get((status, state), 0) for state in states)


def list_progress(database: Database, *, n_people: int) -> tuple[BundleProgress, ...]:
    """Tell the progress of every bundle at the desk, newest first.

    Parameters
    ----------
    n_people
        How many different people an approval takes.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    bundles = list_bundles(database)
    with database.reading() as connection:
        kinds = _kinds(connection)
        statuses = _statuses(connection)
        approvals = _approvals(connection, statuses, n_people)
    return tuple(
        BundleProgress(
            bundle,
            kinds.get(bundle.sha256, ()),
            Counter(statuses.get(bundle.sha256, {}).values()),
            approvals.get(bundle.sha256, {}),
        )
        for bundle in bundles
    )


def _kinds(connection: Connection) -> dict[str, tuple[KindProgress, ...]]:
    columns = review_findings.c
    # A priority begins with the kind: counted along the index of (bundle, state, priority).
    kind = columns.priority // PLACES_OF_KIND
    query = select(columns.bundle_sha256, columns.state, kind, func.count()).group_by(
        columns.bundle_sha256, columns.state, kind
    )
    found: dict[str, Counter[int]] = {}
    judged: dict[str, Counter[int]] = {}
    for sha256, state, place, n in connection.execute(query):
        found.setdefault(sha256, Counter())[place] += n
        judged.setdefault(sha256, Counter())[place] += n if state != "open" else 0
    return {
        sha256: tuple(
            KindProgress(KINDS[place], n, judged[sha256][place])
            for place, n in sorted(of_bundle.items())
        )
        for sha256, of_bundle in found.items()
    }


def _statuses(connection: Connection) -> dict[str, dict[str, str]]:
    columns = review_drugs.c
    statuses: dict[str, dict[str, str]] = {}
    for sha256, drug, status in connection.execute(
        select(columns.bundle_sha256, columns.drug, columns.status)
    ):
        statuses.setdefault(sha256, {})[drug] = status
    return statuses


def _approvals(
    connection: Connection, statuses: Mapping[str, Mapping[str, str]], n_people: int
) -> dict[str, Counter[tuple[str, ApprovalState]]]:
    decisions: dict[tuple[str, str], list[SignOff]] = {}
    for row in connection.execute(select(review_sign_offs).order_by(review_sign_offs.c.id)):
        decisions.setdefault((row.bundle_sha256, row.drug), []).append(SignOff.of_row(row))
    counted: dict[str, Counter[tuple[str, ApprovalState]]] = {}
    for (sha256, drug), of_drug in decisions.items():
        state = approval_of(of_drug, n_people=n_people).state
        counted.setdefault(sha256, Counter())[statuses[sha256][drug], state] += 1
    return counted
