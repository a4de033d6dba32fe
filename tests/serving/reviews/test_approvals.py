from datetime import UTC, datetime, timedelta

import pytest

from serving.database.errors import DatabaseAwayError, away_error
from serving.reviews.approval_cache import ApprovalCache
from serving.reviews.approvals import Approval, SignOff, approval_of
from serving.reviews.policy import SignOffPolicy, missing_sign_offs
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, sign_off

START = datetime(2026, 3, 1, tzinfo=UTC)


def decided(*decisions):
    """Decisions as (person, decision, limits), in order."""
    return [
        SignOff(what, limits, "", who, f"key-{who.casefold()}", "00" * 32, START + timedelta(at))
        for at, (who, what, limits) in enumerate(decisions)
    ]


A, B, REJECT = ("Anna", "approve", ""), ("Ben", "approve", ""), ("Cem", "reject", "")
LIMITED = ("Ben", "approve_with_limits", "Lung only.")


@pytest.mark.parametrize(
    ("decisions", "one_person", "two_people"),
    [
        ((), "none", "none"),
        ((A,), "approved", "awaiting_second_person"),
        ((A, A), "approved", "awaiting_second_person"),
        ((A, ("ANNA", "approve", "")), "approved", "awaiting_second_person"),
        ((A, B), "approved", "approved"),
        ((A, LIMITED), "approved_with_limits", "approved_with_limits"),
        ((LIMITED, A), "approved", "approved_with_limits"),
        ((LIMITED, B, A), "approved", "approved"),
        ((REJECT,), "rejected", "rejected"),
        ((A, B, REJECT), "rejected", "rejected"),
        ((REJECT, A), "approved", "rejected"),
        ((REJECT, A, B), "approved", "approved"),
        ((A, REJECT, B), "approved", "rejected"),
    ],
)
def test_what_decisions_amount_to(decisions, one_person, two_people):
    sign_offs = decided(*decisions)
    assert approval_of(sign_offs, n_people=1).state == one_person
    assert approval_of(sign_offs, n_people=2).state == two_people


def test_an_approval_names_its_people_and_its_limits():
    found = approval_of(decided(A, LIMITED), n_people=2)
    assert (found.limits, found.people) == ("Lung only.", ("Ben", "Anna"))
    assert found.decided_at == START + timedelta(1)
    assert Approval.from_json(found.to_json()) == found


def decide(database, sha, drug, decision, version=0, *, name="Lea", figures="00"):
    limits = "Lung only." if decision == "approve_with_limits" else ""
    new = NewSignOff(sha, drug, decision, limits, "", figures * 32)
    reviewer = Reviewer(name, f"key-{name}", is_lead=True)
    return sign_off(
        database, new, seen_version=version, reviewer=reviewer, now=START, n_people=1
    )  # fmt: skip


def test_approvals_in_memory_follow_the_database(desk, sha):
    approvals = ApprovalCache(desk, n_people=1)
    assert not approvals.is_known
    approvals.refresh()
    assert approvals.is_known
    assert dict(approvals.of(sha)) == {}
    decide(desk, sha, "Cisplatin", "reject")
    decide(desk, sha, "Docetaxel", "approve_with_limits", figures="01")
    approvals.refresh()
    assert approvals.of(sha)["Cisplatin"].is_rejected
    assert approvals.of(sha)["Docetaxel"].limits == "Lung only."
    assert dict(approvals.of("cd" * 32)) == {}


class Away:
    """A database that is away."""

    def reading(self):
        raise away_error("test")


def test_a_rejected_drug_stays_rejected_when_the_database_is_away(sqlite_database, material, clock,
                                                                  sha, tmp_path):  # fmt: skip
    from serving.reviews.material_store import store_material

    store_material(sqlite_database, material, clock=clock, stored_by="test")
    decide(sqlite_database, sha, "Cisplatin", "reject")
    kept_at = tmp_path / "approvals.json"
    ApprovalCache(sqlite_database, n_people=1, kept_at=kept_at).refresh()
    restarted = ApprovalCache(Away(), n_people=1, kept_at=kept_at)
    restarted.start()
    restarted.close()
    assert restarted.is_known
    assert restarted.of(sha)["Cisplatin"].is_rejected
    with pytest.raises(DatabaseAwayError):
        restarted.refresh()
    kept_at.write_text("[1]")
    damaged = ApprovalCache(Away(), n_people=1, kept_at=kept_at)
    damaged.start()
    damaged.close()
    assert not damaged.is_known


def test_a_policy_names_what_is_missing(desk, sha):
    one, two = SignOffPolicy(), SignOffPolicy(n_people=2)
    assert missing_sign_offs(desk, sha, one) == [
        "3 drugs: nobody decided about Cisplatin, Docetaxel, =cmd()."
    ]
    decide(desk, sha, "Cisplatin", "approve")
    decide(desk, sha, "Docetaxel", "reject", figures="01")
    decide(desk, sha, "=cmd()", "approve", figures="02")
    assert missing_sign_offs(desk, sha, one) == []
    assert missing_sign_offs(desk, sha, two) == [
        "2 drugs: a second person has to decide about Cisplatin, =cmd()."
    ]
    judged = SignOffPolicy(judged_kinds=("contradicted_claim",))
    assert missing_sign_offs(desk, sha, judged) == [
        "2 findings of the kind contradicted_claim not judged."
    ]
    assert missing_sign_offs(desk, sha, SignOffPolicy(statuses=("withheld",))) == []
