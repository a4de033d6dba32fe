from datetime import UTC, datetime

import pytest

from serving.reviews.entries import NewEntry, judge
from serving.reviews.material_store import store_material
from serving.reviews.progress import list_progress
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, sign_off

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PEOPLE = [Reviewer("A. Lead", "key-a", True), Reviewer("B. Lead", "key-b", True)]


@pytest.fixture
def approve(desk, sha):
    def approve(drug, *, by, version, decision="approve", n_people=1):
        new = NewSignOff(sha, drug, decision, "", "", hash_of(drug))
        given = {"seen_version": version, "reviewer": by, "now": NOW, "n_people": n_people}
        sign_off(desk, new, **given)

    def hash_of(drug):
        return f"{('Cisplatin', 'Docetaxel', '=cmd()').index(drug):02d}" * 32

    return approve


def test_findings_are_counted_by_kind_in_the_order_of_the_queue(desk, material, finding_id):
    judge(
        desk,
        finding_id,
        NewEntry("plausible", "", None),
        seen_version=0,
        reviewer=PEOPLE[0],
        now=NOW,
    )
    (progress,) = list_progress(desk, n_people=1)
    counted = [(one.kind, one.n_findings, one.n_judged) for one in progress.kinds]
    assert counted == [
        ("contradicted_claim", 2, 0),
        ("surprising_direction", 2, 0),
        ("top_gene", 3, 1),
    ]
    assert (progress.n_findings, progress.n_judged) == (len(material.findings), 1)


def test_a_judgement_that_was_taken_back_counts_no_more(desk, finding_id):
    for version, verdict in enumerate(("unsure", "withdrawn")):
        entry = NewEntry(verdict, "", None)
        judge(desk, finding_id, entry, seen_version=version, reviewer=PEOPLE[0], now=NOW)
    (progress,) = list_progress(desk, n_people=1)
    assert progress.n_judged == 0


def test_sign_offs_are_counted_by_what_they_amount_to(desk, approve):
    approve("Cisplatin", by=PEOPLE[0], version=0)
    approve("Docetaxel", by=PEOPLE[0], version=0, decision="reject")
    (alone,) = list_progress(desk, n_people=1)
    assert alone.n_by_status == {"supported": 3}
    assert dict(alone.approvals) == {("supported", "approved"): 1, ("supported", "rejected"): 1}
    (together,) = list_progress(desk, n_people=2)
    assert together.n_approvals("supported", "awaiting_second_person") == 1
    assert together.n_approvals("supported", "approved", "rejected") == 1


def test_every_bundle_has_a_progress_of_its_own(desk, make_finding, make_material, clock):
    other = "cd" * 32
    material = make_material([make_finding(1, sha256=other)], sha256=other)
    clock.advance(60)
    assert store_material(desk, material, clock=clock, stored_by="test")
    newest, oldest = list_progress(desk, n_people=1)
    assert (newest.bundle.sha256, newest.n_findings) == (other, 1)
    assert oldest.n_findings == 7
