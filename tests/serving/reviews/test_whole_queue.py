from datetime import UTC, datetime

import pytest

from serving.errors import NotFoundError
from serving.reviews.entries import NewEntry, assign, judge
from serving.reviews.queue import Filters, list_findings
from serving.reviews.reviewers import Reviewer
from serving.reviews.whole_queue import whole_queue

ACT = {"reviewer": Reviewer("A. Reviewer", "key", False), "now": datetime(2026, 11, 20, tzinfo=UTC)}
SHOWN = ("id", "drug", "kind", "subject", "summary", "state", "assignee")


def rows_of(queue):
    """Put the columns together again, as a page does."""
    words = {"drug": "drugs", "kind": "kinds", "state": "states", "assignee": "people"}
    columns = dict(queue["findings"])
    for name, listed in words.items():
        columns[name] = [None if at is None else queue[listed][at] for at in columns[name]]
    return [
        dict(zip(SHOWN, row, strict=True)) for row in zip(*map(columns.get, SHOWN), strict=True)
    ]


def test_it_holds_what_the_pages_of_the_queue_hold_in_their_order(desk, sha, finding_id):
    assign(desk, finding_id, "B. Reviewer", seen_version=0, **ACT)
    judge(desk, finding_id, NewEntry("unsure", "", None), seen_version=1, **ACT)
    listed = list_findings(desk, Filters(sha), limit=100).findings
    assert rows_of(whole_queue(desk, sha)) == [
        {name: one[name] for name in SHOWN} for one in listed
    ]


def test_its_version_grows_with_every_entry_and_what_is_known_is_not_given_again(
    desk, sha, finding_id
):
    before = whole_queue(desk, sha)["version"]
    assert whole_queue(desk, sha, seen=before)["findings"] is None
    for version, verdict in enumerate(("unsure", "plausible", "withdrawn")):
        judge(desk, finding_id, NewEntry(verdict, "", None), seen_version=version, **ACT)
        assert whole_queue(desk, sha)["version"] == before + version + 1
    assert whole_queue(desk, sha, seen=before)["findings"] is not None


def test_a_bundle_that_is_not_at_the_desk_is_not_found(desk):
    with pytest.raises(NotFoundError, match="No findings of this bundle"):
        whole_queue(desk, "ef" * 32)
