import threading
from pathlib import Path

import pytest

from models.errors import ReportError
from serving.errors import NotAcceptableError, NotReadyError
from serving.reports.desk import ReportDesk
from serving.reports.making import AT_ONCE, MOST_WAITING, Making
from serving.reports.orders import HTML, PDF, RECORD, ReportOrder
from serving.settings import ServingSettings
from serving.uploads.failures import ReaderFaultError, ReaderOverdueError, to_texts
from serving.uploads.frames import Frame


class FakeChild:
    """A maker that answers as it is told; `began` and `go_on` hold it up."""

    def __init__(self, reply):
        self.reply = reply
        self.orders = []
        self.is_closed = False
        self.began, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def exchange(self, order, *, seconds):
        self.orders.append(order.header)
        self.began.set()
        assert self.go_on.wait(20)
        if isinstance(self.reply, Exception):
            raise self.reply
        out = Path(order.header["out"])
        out.mkdir(parents=True, exist_ok=True)
        for name in (RECORD, HTML, PDF):
            (out / name).write_text(f"{name} of {order.header['drug']}")
        return self.reply

    def close(self):
        self.is_closed = True


def desk_with(tmp_path, reply, folder):
    child = FakeChild(reply)
    settings = ServingSettings(state=tmp_path, bundle=str(folder))
    return ReportDesk(settings, making=Making(start=lambda memory_bytes: child)), child


def overdue(kind=ReaderOverdueError):
    return kind("It took longer.", needed="a reply.", remedy="none.")


def test_a_report_is_made_once(tmp_path, served, folder):
    desk, child = desk_with(tmp_path, Frame({}), folder)
    for _ in range(3):
        assert desk.file(served, "Cisplatin", RECORD) == b"record.json of Cisplatin"
    assert desk.file(served, "Cisplatin", HTML) == b"report.html of Cisplatin"
    assert [order["drug"] for order in child.orders] == ["Cisplatin"]
    desk.file(served, "Elesclomol", RECORD)
    assert len(child.orders) == 2
    assert child.is_closed


def test_two_who_ask_at_once_have_it_made_once(tmp_path, served, folder):
    desk, child = desk_with(tmp_path, Frame({}), folder)
    child.go_on.clear()
    told = []
    asking = [
        threading.Thread(target=lambda: told.append(desk.file(served, "Cisplatin", RECORD)))
        for _ in range(4)
    ]
    for one in asking:
        one.start()
    assert child.began.wait(20)
    child.go_on.set()
    for one in asking:
        one.join()
    assert len(told) == 4
    assert len(child.orders) == 1


def test_whoever_asks_for_one_report_together_holds_few_threads(tmp_path, served, folder):
    desk, child = desk_with(tmp_path, Frame({}), folder)
    child.go_on.clear()
    places, told = AT_ONCE + MOST_WAITING, []
    all_gone = threading.Semaphore(0)

    def ask():
        try:
            told.append(desk.file(served, "Cisplatin", RECORD))
        except NotReadyError as error:
            told.append(error.retry_after_seconds)
        all_gone.release()

    asking = [threading.Thread(target=ask) for _ in range(places + 5)]
    for one in asking:
        one.start()
    assert all(all_gone.acquire(timeout=60) for _ in range(5))
    assert told == [5.0] * 5
    child.go_on.set()
    for one in asking:
        one.join()
    assert told[5:] == [b"record.json of Cisplatin"] * places
    assert len(child.orders) == 1


@pytest.mark.parametrize("kind", [ReaderOverdueError, ReaderFaultError])
def test_a_maker_that_fails_is_told_of_and_ended(tmp_path, served, folder, kind):
    desk, child = desk_with(tmp_path, overdue(kind), folder)
    with pytest.raises(NotReadyError, match="did not come to an end"):
        desk.file(served, "Cisplatin", RECORD)
    assert child.is_closed
    assert desk.tag(served, "Cisplatin") not in str(list(tmp_path.rglob("*.json")))


def test_a_service_without_chromium_says_so(tmp_path, served, folder):
    error = ReportError("No Chromium was found.", needed="one.", remedy="install it.")
    desk, _ = desk_with(tmp_path, Frame({"error": to_texts(error)}), folder)
    with pytest.raises(NotAcceptableError, match="cannot print PDF") as caught:
        desk.file(served, "Cisplatin", PDF)
    assert ".html" in caught.value.remedy


def test_too_many_who_wait_are_sent_away():
    child = FakeChild(Frame({}))
    child.go_on.clear()
    making = Making(start=lambda memory_bytes: child)
    order = ReportOrder(
        folder="", sha256="", version=None, drug="", ledger=None, references={}, part="files",
        out="/nowhere",
    )  # fmt: skip
    child.reply = overdue()
    errors, sent_away = [], threading.Semaphore(0)

    def ask():
        try:
            making.make(order)
        except NotReadyError as error:
            errors.append(error.found)
            sent_away.release()

    places = AT_ONCE + MOST_WAITING
    waiting = [threading.Thread(target=ask) for _ in range(places + 2)]
    for one in waiting:
        one.start()
    assert all(sent_away.acquire(timeout=60) for _ in range(2))
    assert errors == [f"{places} reports are being made or waited for already."] * 2
    child.go_on.set()
    for one in waiting:
        one.join()
    assert len(errors) == places + 2


def test_the_tag_changes_with_all_that_a_report_follows_from(tmp_path, served, folder):
    settings = ServingSettings(state=tmp_path, store=str(tmp_path), bundle=str(folder))
    first = ReportDesk(settings)
    cited = ReportDesk(settings, references={"a_file": "Somebody et al."})
    tags = {first.tag(served, "Cisplatin"), first.tag(served, "Elesclomol")}
    tags.add(cited.tag(served, "Cisplatin"))
    ledger = tmp_path / "evidence" / "claims-made-up.csv"
    ledger.parent.mkdir()
    ledger.write_text("claim_id\n")
    tags.add(first.tag(served, "Cisplatin"))
    assert len(tags) == 4
