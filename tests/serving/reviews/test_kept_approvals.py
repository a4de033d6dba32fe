from datetime import UTC, datetime

import pytest

from serving.reviews.approvals import Approval
from serving.reviews.kept_approvals import KeptApprovals, keep, read_kept

AT = datetime(2026, 3, 1, tzinfo=UTC)
ONE = Approval("approved", "", ("Anna",), AT)
TWO = Approval("approved_with_limits", "Lung only.", ("Ben", "Anna"), AT)
REJECTED = Approval("rejected", "", ("Cem",), AT)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "approvals.json"


def test_what_was_kept_is_read(file):
    kept = KeptApprovals({"ab" * 32: {"Cisplatin": ONE, "Docetaxel": TWO}}, 1_800_000_000.5)
    keep(file, kept)
    assert read_kept(file, n_people=1) == kept
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_approval_that_too_few_gave_waits_for_another_person(file):
    keep(file, KeptApprovals({"ab" * 32: {"a": ONE, "b": TWO, "c": REJECTED}}, 0.0))
    found = read_kept(file, n_people=2).approvals["ab" * 32]
    assert {drug: one.state for drug, one in found.items()} == {
        "a": "awaiting_second_person",
        "b": "approved_with_limits",
        "c": "rejected",
    }


@pytest.mark.parametrize(
    "content", ["", "[]", '{"format": 2}', '{"format": 1, "read_at": 0}', "\x00", "{" * 100_000]
)
def test_anything_else_is_no_file_of_approvals(file, content):
    file.write_text(content)
    assert read_kept(file, n_people=1) is None


def test_without_a_file_nothing_is_known(file):
    assert read_kept(file, n_people=1) is None


def test_a_folder_that_is_not_there_stops_nothing(tmp_path):
    keep(tmp_path / "missing" / "approvals.json", KeptApprovals({}, 0.0))
