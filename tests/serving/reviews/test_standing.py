import pytest

from models.errors import PredictionError
from serving.reviews.approvals import Approval
from serving.reviews.standing import APPROVED, BundleStanding, refuse_none_left

STATUSES = {
    "Cisplatin": "supported",
    "Elesclomol": "exploratory",
    "ABC": "supported",
    "abc": "supported",
    "Bleomycin": "withheld",
    "Olaparib": "withheld",
}
REJECTED, APPROVAL = Approval("rejected"), Approval("approved")


def named(choice):
    return [one.drug for one in choice.withheld]


def test_without_decisions_a_question_goes_on_as_it_is():
    standing = BundleStanding({}, STATUSES)
    assert standing.choose(None) == (None, (), ())
    assert standing.choose(["cisplatin", "Bleomycin"]) == (("cisplatin", "Bleomycin"), (), ())


@pytest.mark.parametrize("unapproved", ["answer", "withhold"])
@pytest.mark.parametrize(
    "state",
    ["none", "awaiting_second_person", "approved", "approved_with_limits", "rejected", "unknown"],
)
def test_what_is_answered_in_which_state(state, unapproved):
    decided = {} if state in ("none", "unknown") else {"Cisplatin": Approval(state)}
    standing = BundleStanding(decided, STATUSES, is_known=state != "unknown", unapproved=unapproved)
    assert standing.state_of("Cisplatin") == state
    expected = state in APPROVED or (unapproved == "answer" and state != "rejected")
    assert standing.is_answered("Cisplatin") == expected
    for asked in ("Cisplatin", "cisplatin", "CISPLATIN"):
        choice = standing.choose([asked])
        assert named(choice) == ([] if expected else ["Cisplatin"])
    assert ("Cisplatin" in named(standing.choose(None))) != expected


def test_all_drugs_are_those_with_evidence_that_are_not_withheld():
    standing = BundleStanding({"Cisplatin": REJECTED, "Olaparib": REJECTED}, STATUSES)
    choice = standing.choose(None)
    assert choice.drugs == ("Elesclomol", "ABC", "abc")
    assert named(choice) == ["Cisplatin"]
    assert choice.notes == (
        "1 withheld drugs were left out; ask for one by name to see it.",
        "1 drug is withheld, being rejected at review: Cisplatin.",
    )


def test_names_that_differ_in_case_alone_are_two_drugs():
    standing = BundleStanding({"abc": REJECTED}, STATUSES)
    choice = standing.choose(["ABC", "abc", "elesclomol", "abc"])
    assert (choice.drugs, named(choice)) == (("ABC", "Elesclomol"), ["abc"])


def test_nothing_left_is_refused_with_the_reason():
    standing = BundleStanding({"Cisplatin": REJECTED}, STATUSES)
    refuse_none_left(standing.choose(["Elesclomol", "Cisplatin"]))
    with pytest.raises(PredictionError, match="rejected at review: Cisplatin"):
        refuse_none_left(standing.choose(["Cisplatin"]))


def test_marks_are_in_the_order_of_the_drugs_and_made_once():
    approvals = {"abc": APPROVAL, "ABC": Approval("approved_with_limits", "Lung only.")}
    standing = BundleStanding(approvals, STATUSES)
    marks = standing.marks(("ABC", "Cisplatin", "abc"))
    assert marks.states == ("approved_with_limits", "none", "approved")
    assert marks.limit_texts == ("Lung only.", "", "")
    assert marks.statuses == ("supported",) * 3
    assert marks.limits == {"ABC": "Lung only."}
    assert standing.marks(("ABC", "Cisplatin", "abc")) is marks
