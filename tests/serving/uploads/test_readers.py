import asyncio
import os
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from features.errors import LimitError
from serving.errors import NotReadyError
from serving.uploads.child import ReaderChild
from serving.uploads.failures import ReaderFaultError, ReaderOverdueError
from serving.uploads.frames import Frame
from serving.uploads.job import Knowledge
from serving.uploads.readers import UploadReaders

MIB = 2**20
PATIENCE_SECONDS = 30.0
# Does with an order what its header says; pandas is not needed for that.
ACTOR = """
import os, signal, sys, time
from serving.uploads.frames import Frame, read_frame, write_frame
while (order := read_frame(sys.stdin.buffer)) is not None:
    act = order.header.get("act")
    if act == "sleep":
        open(order.header["begun"], "w").close()
        time.sleep(600)
    if act == "exit":
        sys.exit(3)
    if act == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if act == "half":
        os.write(1, bytes(7))
        sys.exit(0)
    if act == "fault":
        write_frame(sys.stdout.buffer, Frame({"fault": "ArrowInvalid", "frames": ["a.py:1 f"]}))
        continue
    if act == "error":
        texts = ["ScaleError", "found", "needed", "remedy"]
        write_frame(sys.stdout.buffer, Frame({"error": texts}))
        continue
    about = {"pid": os.getpid(), "n": len(order.payload), "env": sorted(os.environ)}
    about["most_resident_bytes"] = order.header.get("resident", 0)
    write_frame(sys.stdout.buffer, Frame(about, order.payload))
"""


def start(memory_bytes):
    return ReaderChild(memory_bytes, command=(sys.executable, "-c", ACTOR))


def make_readers(**given):
    settings = {"readers": 1, "most_waiting": 2, "seconds": PATIENCE_SECONDS} | given
    return UploadReaders(**{"memory_bytes": 1024 * MIB, "start": start} | settings)


@pytest.fixture
def sleep(tmp_path):
    """What has a reader sleep, and a way to wait until one has begun to."""

    class Sleep(dict):
        def wait(self):
            end = time.monotonic() + PATIENCE_SECONDS
            while not Path(self["begun"]).exists():
                assert time.monotonic() < end
                time.sleep(0.005)

        def then(self, act):
            """Do something as soon as a reader sleeps, in a thread."""
            thread = threading.Thread(target=lambda: (self.wait(), act()))
            thread.start()
            return thread

    return Sleep(act="sleep", begun=str(tmp_path / "begun"))


@pytest.fixture
def readers():
    with closing(make_readers()) as made:
        yield made


def ask(readers, act="echo", payload=b"", knowledge=None, **header):
    return asyncio.run(readers.ask(Frame({"act": act, **header}, payload), knowledge=knowledge))


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_payload_larger_than_a_pipe_goes_there_and_back(readers):
    payload = os.urandom(3 * MIB)
    assert ask(readers, payload=payload).payload == payload


def test_a_reader_is_used_again(readers):
    assert len({ask(readers).header["pid"] for _ in range(3)}) == 1


def test_a_reader_sees_nothing_of_the_environment_that_it_does_not_need(readers, monkeypatch):
    monkeypatch.setenv("CUPROMARK_SERVE_DATABASE_URL", "postgresql://user:secret@host/db")
    names = ask(readers).header["env"]
    assert "PATH" in names
    assert not [name for name in names if name.startswith("CUPROMARK")]


@pytest.mark.parametrize("act", ["exit", "crash", "half", "fault"])
def test_a_reader_that_breaks_is_replaced_and_the_next_order_answered(readers, act):
    first = ask(readers).header["pid"]
    with pytest.raises(ReaderFaultError):
        ask(readers, act)
    assert not is_running(first)
    assert ask(readers).header["pid"] != first


def test_an_error_of_a_file_is_raised_as_it_was_and_the_reader_stays(readers):
    from features.errors import ScaleError

    first = ask(readers).header["pid"]
    with pytest.raises(ScaleError) as refused:
        ask(readers, "error")
    assert (refused.value.found, refused.value.remedy) == ("found", "remedy")
    assert ask(readers).header["pid"] == first


def test_a_reader_that_takes_too_long_is_ended(sleep):
    with closing(make_readers(seconds=0.3)) as readers:
        with pytest.raises(ReaderOverdueError):
            ask(readers, **sleep)
        assert len(readers.idle_pids) == 1


def test_a_reader_ended_from_outside_while_it_works_is_no_fault_of_the_file(readers, sleep):
    pid = ask(readers).header["pid"]
    killing = sleep.then(lambda: os.kill(pid, signal.SIGKILL))
    with pytest.raises(NotReadyError):
        ask(readers, **sleep)
    killing.join()
    assert ask(readers).header["pid"] != pid


def test_a_reader_ended_while_it_waits_is_not_noticed(readers):
    pid = ask(readers).header["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ask(readers).header["pid"] != pid


def test_whoever_is_cancelled_ends_the_reader(readers, sleep):
    pid = ask(readers).header["pid"]

    async def cancel():
        task = asyncio.create_task(readers.ask(Frame(sleep)))
        await asyncio.to_thread(sleep.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    end = time.monotonic() + PATIENCE_SECONDS
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_running(pid)
    assert ask(readers).header["pid"] != pid


def test_an_order_cancelled_before_it_is_begun_is_never_given(sleep):
    with closing(make_readers()) as readers:
        pid = ask(readers).header["pid"]

        async def crowd():
            first = asyncio.create_task(readers.ask(Frame(sleep)))
            await asyncio.to_thread(sleep.wait)
            second = asyncio.create_task(readers.ask(Frame(sleep)))
            await asyncio.sleep(0.05)
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)
            assert is_running(pid)  # the reader of the first one was left alone
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)

        asyncio.run(crowd())
        assert ask(readers).header["n"] == 0


def test_a_reader_that_took_much_memory_is_replaced(readers):
    first = ask(readers, resident=600 * MIB).header["pid"]
    assert ask(readers).header["pid"] != first


def test_what_a_reader_has_to_know_is_told_once(readers):
    told = []

    def knowledge(key):
        def content():
            told.append(key)
            return key.encode()

        return Knowledge(key, content)

    lengths = [ask(readers, knowledge=knowledge(key)).header["n"] for key in ("a", "a", "bb", "a")]
    assert lengths == [1, 0, 2, 1]
    assert told == ["a", "bb", "a"]


def test_a_reader_that_was_replaced_is_told_again(readers):
    knowledge = Knowledge("a", lambda: b"a")
    assert ask(readers, knowledge=knowledge).header["n"] == 1
    with pytest.raises(ReaderFaultError):
        ask(readers, "exit")
    assert ask(readers, knowledge=knowledge).header["n"] == 1


def test_there_are_so_many_places_and_no_more(readers):
    with readers.place(), readers.place(), pytest.raises(NotReadyError), readers.place():
        pass
    with readers.place():
        pass


def test_closing_ends_every_reader():
    readers = make_readers()
    pid = ask(readers).header["pid"]
    readers.close()
    assert not is_running(pid)


def test_closing_ends_a_reader_at_work(sleep):
    readers = make_readers()
    closes = sleep.then(readers.close)
    with pytest.raises(NotReadyError):
        ask(readers, **sleep)
    closes.join()
    assert readers.idle_pids == []


def test_an_order_that_meets_the_end_of_the_service_starts_no_reader(monkeypatch):
    started = []

    def start_counted(memory_bytes):
        started.append(start(memory_bytes))
        return started[-1]

    readers = make_readers(start=start_counted)
    take = readers._take

    def take_late():
        readers.close()
        return take()

    monkeypatch.setattr(readers, "_take", take_late)
    with pytest.raises(NotReadyError, match="ends"):
        ask(readers)
    with pytest.raises(NotReadyError, match="ends"):
        ask(readers)
    assert started == []


def test_memory_is_bounded(tmp_path):
    """The real reader, with far less memory than the table takes."""
    from dataclasses import asdict

    from features.symbols import SymbolTable
    from serving.uploads.orders import READ, GeneNames, ReadOrder

    path = tmp_path / "wide.csv"
    row = ",".join(["1.25"] * 200)
    with path.open("w") as file:
        file.write("gene," + ",".join(f"s{at}" for at in range(200)) + "\n")
        file.writelines(f"GENE{at},{row}\n" for at in range(100_000))
    names = GeneNames(SymbolTable.panel(), ("FDX1",), ("FDX1",))
    order = ReadOrder(
        str(path), "rma_log2", None, None, None, 4096 * MIB, 10**6, 10**9, values=True
    )
    readers = make_readers(memory_bytes=260 * MIB, start=ReaderChild)
    with closing(readers):
        frame = Frame({"kind": READ, "order": asdict(order)})
        with pytest.raises(LimitError, match="260 MiB"):
            asyncio.run(readers.ask(frame, knowledge=Knowledge("a", names.to_bytes)))
