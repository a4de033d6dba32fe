from typing import get_args

import pytest

from serving.pages.drug_pages import REVIEW_WORDS, drug_page, drugs_page, review_of
from serving.reviews.approvals import Approval
from serving.reviews.standing import BundleStanding
from serving.reviews.words import ShownApproval


def test_the_strongest_evidence_stands_first_and_what_has_no_figure_says_so(source, hostile):
    rows = drugs_page(source.served)["rows"]
    assert rows[0].name == "Cisplatin"
    assert (rows[0].roc_auc_text, rows[0].gain_text) == (
        "0.81 [0.72, 0.90]",
        "+0.11 [+0.01, +0.20]",
    )
    assert rows[-1].name == hostile
    assert (rows[-1].roc_auc, rows[-1].roc_auc_text) == (None, "not estimable")
    assert rows[0].strip.count("<circle") == 1
    assert "<circle" not in rows[-1].strip


def test_the_counts_by_status_are_those_of_the_bundle(source):
    statuses = source.served.bundle.statuses
    told = {name: count for name, count, _ in drugs_page(source.served)["statuses"]}
    assert told == {name: statuses.count(name) for name in told}
    assert sum(told.values()) == len(statuses)


def test_a_drug_is_found_whatever_its_case(source):
    values = drug_page(source.served, "cISPLATIN")
    assert values["drug"] == "Cisplatin"
    assert values["verdict"].startswith("Supported")


def test_every_state_of_a_review_has_its_words():
    assert set(REVIEW_WORDS) == set(get_args(ShownApproval))


@pytest.mark.parametrize(
    ("approval", "is_answered", "limits"),
    [
        (Approval("rejected"), False, ""),
        (Approval("approved_with_limits", limits="Lung alone."), True, "Lung alone."),
        (Approval("approved"), True, ""),
    ],
)
def test_what_reviewers_decided_stands_on_the_page_of_a_drug(approval, is_answered, limits):
    standing = BundleStanding({"Cisplatin": approval}, {"Cisplatin": "supported"})
    assert review_of(standing, "Cisplatin") == {
        "approval": approval.state,
        "approval_words": REVIEW_WORDS[approval.state],
        "is_answered": is_answered,
        "limits": limits,
    }
