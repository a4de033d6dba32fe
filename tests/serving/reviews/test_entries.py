from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import exc, text

from serving.database.errors import DatabaseAwayError
from serving.errors import ConflictError, EditConflictError, ForbiddenError, NotFoundError
from serving.reviews.entries import NewEntry, assign, judge
from serving.reviews.histories import read_finding
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, sign_off

ANNA = Reviewer("Anna", "key-anna", is_lead=False)
BEN = Reviewer("Ben", "key-ben", is_lead=False)
LEAD = Reviewer("Lea", "key-lea", is_lead=True)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def say(database, finding_id, verdict, version, *, reviewer=ANNA):
    entry = NewEntry(verdict, "Why.", None)
    return judge(
        database, finding_id, entry, seen_version=version, reviewer=reviewer, now=NOW
    )  # fmt: skip


def test_taking_a_judgement_back_is_one_more_entry(desk, finding_id):
    for version, verdict, state in (
        (0, "plausible", "plausible"),
        (1, "unsure", "unsure"),
        (2, "withdrawn", "plausible"),
        (3, "withdrawn", "open"),
    ):
        assert say(desk, finding_id, verdict, version)["state"] == state
    history = read_finding(desk, finding_id)["history"]
    assert [one["verdict"] for one in history] == ["plausible", "unsure", "withdrawn", "withdrawn"]
    assert [one["withdraws"] for one in history] == [None, None, 2, 1]
    with pytest.raises(ConflictError, match="stands"):
        say(desk, finding_id, "withdrawn", 4)


def test_another_persons_judgement_is_taken_back_by_a_lead_alone(desk, finding_id):
    say(desk, finding_id, "implausible", 0)
    with pytest.raises(ForbiddenError, match="another person"):
        say(desk, finding_id, "withdrawn", 1, reviewer=BEN)
    assert say(desk, finding_id, "withdrawn", 1, reviewer=LEAD)["state"] == "open"


def test_of_many_who_write_at_once_one_succeeds_and_nothing_is_lost(desk, finding_id):
    def attempt(number):
        reviewer = Reviewer(f"R{number}", f"key-{number}", is_lead=False)
        try:
            say(desk, finding_id, "plausible", 0, reviewer=reviewer)
        except EditConflictError as error:
            return error.standing["reviewer"]
        return None

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(attempt, range(8)))
    winner = f"R{told.index(None)}"
    assert told.count(None) == 1
    assert {one for one in told if one is not None} == {winner}
    (entry,) = read_finding(desk, finding_id)["history"]
    assert entry["reviewer"] == winner


def test_of_many_who_sign_off_at_once_one_succeeds(desk, sha):
    def attempt(number):
        new = NewSignOff(sha, "Cisplatin", "approve", "", "", "00" * 32)
        reviewer = Reviewer(f"R{number}", f"key-{number}", is_lead=True)
        try:
            sign_off(desk, new, seen_version=0, reviewer=reviewer, now=NOW, n_people=1)
        except EditConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(attempt, range(6))) == 1


def test_what_was_said_and_found_cannot_be_changed_in_the_database(desk, sha, finding_id):
    say(desk, finding_id, "plausible", 0)
    assign(desk, finding_id, "Ben", seen_version=1, reviewer=ANNA, now=NOW)
    new = NewSignOff(sha, "Cisplatin", "reject", "", "", "00" * 32)
    sign_off(desk, new, seen_version=0, reviewer=LEAD, now=NOW, n_people=1)
    statements = [
        "UPDATE review_entries SET comment = 'other'",
        "UPDATE review_assignments SET reviewer = 'other'",
        "UPDATE review_sign_offs SET decision = 'approve'",
        "UPDATE review_drugs SET figures_sha256 = 'x'",
        "UPDATE review_bundles SET name = 'x'",
        "UPDATE review_findings SET figures = '{}'",
        "DELETE FROM review_entries",
        "DELETE FROM review_assignments",
        "DELETE FROM review_sign_offs",
    ]
    for statement in statements:
        with pytest.raises(exc.DBAPIError, match="append-only"), desk.writing() as connection:
            connection.execute(text(statement))
    with pytest.raises(exc.DBAPIError), desk.writing() as connection:
        connection.execute(text("DELETE FROM review_findings"))


def test_a_finding_that_is_not_there(desk):
    with pytest.raises(NotFoundError):
        say(desk, "0" * 32, "plausible", 0)


def test_while_the_database_is_held_nothing_is_acknowledged_and_nothing_lost(
    sqlite_database, material, clock, finding_id
):
    from serving.database.engine import open_database
    from serving.reviews.material_store import store_material

    store_material(sqlite_database, material, clock=clock, stored_by="test")
    say(sqlite_database, finding_id, "plausible", 0)
    impatient = open_database(str(sqlite_database.engine.url), wait_seconds=0.1)
    with sqlite_database.writing():  # as another process that writes for long
        with pytest.raises(DatabaseAwayError):
            say(impatient, finding_id, "unsure", 1)
        assert len(read_finding(impatient, finding_id)["history"]) == 1
    assert say(impatient, finding_id, "unsure", 1)["version"] == 2
    impatient.close()


def test_a_postgres_that_stops_is_503_and_keeps_what_was_acknowledged(
    postgres, postgres_address, material, clock, asgi_client, finding_id, tmp_path, make_service
):
    client = asgi_client(make_service(database_url=postgres_address, upgrade_database=True))
    from serving.database.engine import open_database
    from serving.reviews.material_store import store_material

    database = open_database(postgres_address)
    store_material(database, material, clock=clock, stored_by="test")
    say(database, finding_id, "plausible", 0)
    postgres.stop()
    try:
        answer = client.get("/v1/reviews/findings")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
        with pytest.raises(DatabaseAwayError):
            say(database, finding_id, "unsure", 1)
    finally:
        postgres.start()
    assert client.get("/v1/reviews/findings").status_code == 200
    assert [one["verdict"] for one in read_finding(database, finding_id)["history"]] == [
        "plausible"
    ]
    database.close()
