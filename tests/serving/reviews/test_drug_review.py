from datetime import UTC, datetime

import pytest

from serving.errors import NotFoundError
from serving.reviews.drug_review import read_drug_review
from serving.reviews.entries import NewEntry, judge
from serving.reviews.reviewers import Reviewer

ACT = {"reviewer": Reviewer("A. Reviewer", "key", False), "now": datetime(2026, 11, 20, tzinfo=UTC)}


def test_findings_of_the_drug_alone_stand_with_the_judgement_that_stands(desk, sha, finding_id):
    for version, (verdict, comment) in enumerate((("unsure", "first"), ("plausible", "second"))):
        entry = NewEntry(verdict, comment, None)
        judge(desk, finding_id, entry, seen_version=version, **ACT)
    review = read_drug_review(desk, sha, "Cisplatin", n_people=1)
    assert review.drug["drug"] == "Cisplatin"
    assert len(review.findings) == 6
    said = {one["id"]: one["judgement"] for one in review.findings}
    assert said.pop(finding_id)["comment"] == "second"
    assert set(said.values()) == {None}
    judge(desk, finding_id, NewEntry("withdrawn", "", None), seen_version=2, **ACT)
    (again,) = (
        one
        for one in read_drug_review(desk, sha, "Cisplatin", n_people=1).findings
        if one["id"] == finding_id
    )
    assert (again["judgement"]["comment"], again["state"]) == ("first", "unsure")


def test_a_drug_that_the_bundle_does_not_know_is_not_found(desk, sha):
    with pytest.raises(NotFoundError):
        read_drug_review(desk, sha, "none such", n_people=1)
