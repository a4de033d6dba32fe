"""What a worker's child leaves behind, and how much of its output is taken."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.training.jobs.acting import until
from training.jobs.child_process import MOST_OUTPUT_LINES, ChildProcess

# What a training is: a leader that started processes of its own, which outlive it.
LEADER = """
import subprocess, sys, time
from training.jobs import child
child.die_with(int(sys.argv[-1]))
started = subprocess.Popen(["sleep", "300"], start_new_session={apart})
print(started.pid, file=sys.stderr, flush=True)
time.sleep(300)
"""
WORKER = """
import sys, time
from training.jobs.child_process import ChildProcess
child = ChildProcess(command=(sys.executable, "-c", sys.argv[1]))
print(child.pid, child.next_message(60)["log"][1], flush=True)
time.sleep(300)
"""


def is_gone(pid):
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def child_of(script):
    return ChildProcess(command=(sys.executable, "-c", script))


@pytest.fixture
def patient(monkeypatch):
    """Wait for all output of a child, however busy the machine is."""
    monkeypatch.setattr("training.jobs.child_process.LAST_WORDS_SECONDS", 60.0)


def messages_of(child):
    while True:
        message = child.next_message(60)
        assert message is not None
        yield message
        if "ended" in message:
            return


def test_a_killed_worker_takes_everything_along_that_its_child_started():
    command = [sys.executable, "-c", WORKER, LEADER.format(apart=False)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    leader, started = map(int, worker.stdout.readline().split())
    assert not is_gone(started)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    until(lambda: is_gone(leader), "the child is gone")
    until(lambda: is_gone(started), "what the child started is gone")


def test_a_crash_of_the_leader_ends_what_it_started():
    child = child_of(LEADER.format(apart=False))
    started = int(child.next_message(60)["log"][1])
    os.kill(child.pid, signal.SIGSEGV)
    until(lambda: is_gone(started), "what the child started is gone")
    child.kill()


def test_what_left_the_group_is_ended_too_and_nobody_waits_for_its_pipes():
    child = child_of(LEADER.format(apart=True))
    started = int(child.next_message(60)["log"][1])
    child.stop(2)
    until(lambda: is_gone(started), "what the child started is gone")


def test_an_orphan_that_holds_the_pipes_keeps_nobody_waiting():
    child = child_of(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.write(2, f'{os.getpid()}\\n'.encode())\n"
        "        time.sleep(300)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "time.sleep(300)\n"
    )
    orphan = int(child.next_message(60)["log"][1])
    try:
        child.kill()
        assert is_gone(child.pid)
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_of_endless_output_the_beginning_and_the_last_words_are_kept(patient):
    n_lines = 3 * MOST_OUTPUT_LINES
    child = child_of(
        f"import sys\nfor n in range({n_lines}): print(n, file=sys.stderr)\nraise SystemExit(3)"
    )
    *logs, ended = messages_of(child)
    child.kill()
    assert len(logs) == MOST_OUTPUT_LINES
    assert logs[0] == {"log": ["output", "0"]}
    assert logs[-1] == {"log": ["warning", "further output is left out"]}
    assert ended == {"ended": f"ended with code 3: {n_lines - 1}"}


def test_a_line_without_end_comes_in_pieces(patient):
    child = child_of("import sys\nsys.stderr.write('x' * 9000)")
    *logs, _ = messages_of(child)
    child.kill()
    assert [len(one["log"][1]) for one in logs] == [4000, 4000, 1000]


@pytest.mark.parametrize("line", ["no message", "42", "[]", "null"])
def test_what_is_no_message_is_put_down_as_output(line):
    child = child_of(f"print({line!r}, flush=True)\ninput()")
    assert child.next_message(60) == {"log": ["output", line]}
    child.kill()


def test_a_signal_without_a_name_is_told_by_its_number():
    number = signal.SIGRTMIN + 3
    child = child_of(f"import os\nos.kill(os.getpid(), {number})")
    assert child.next_message(60) == {"ended": f"crashed: it was ended by signal {number:d}"}
    child.kill()


def test_a_child_that_closes_its_output_and_lives_on_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr("training.jobs.child_process.EXIT_SECONDS", 0.2, raising=False)
    child = child_of("import os, time\nos.close(1)\ntime.sleep(60)")
    begun = time.monotonic()
    message = child.next_message(30)
    assert time.monotonic() - begun < 30
    assert message == {"ended": "closed its output without ending"}
    child.kill()
    assert is_gone(child.pid)


def test_a_child_that_cannot_be_listened_to_is_ended(monkeypatch):
    started, start = [], subprocess.Popen

    def remember(*arguments, **options):
        started.append(start(*arguments, **options))
        return started[-1]

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(subprocess, "Popen", remember)
    monkeypatch.setattr("threading.Thread.start", refuse)
    with pytest.raises(RuntimeError):
        child_of("import time\ntime.sleep(300)")
    assert is_gone(started[0].pid)
    for pipe in (started[0].stdout, started[0].stderr):
        pipe.close()


def test_a_child_is_ended_though_nobody_can_look_at_its_family(monkeypatch):
    child = child_of("import time\ntime.sleep(300)")

    def refuse(pid):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched:
        patched.setattr("psutil.Process", refuse)
        assert child.memory_bytes() == 0
        child.stop(2)
    assert is_gone(child.pid)
