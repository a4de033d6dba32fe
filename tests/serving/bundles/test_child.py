"""Real processes in the place of the fetcher."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from serving.bundles.child import FetcherChild
from serving.bundles.messages import Checked, Orders, to_line

ORDERS = Orders("sqlite:///x", "cache", "cupromark", "champion", 5.0, ())


def child_of(script):
    return FetcherChild(ORDERS, command=(sys.executable, "-c", script))


def is_running(pid):
    """Whether a process lives; one that nobody has reaped yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"


def test_it_gets_its_orders_and_requests_and_answers_in_lines():
    child = child_of(
        "import sys\n"
        "orders, one, two = (sys.stdin.readline() for _ in range(3))\n"
        "good = '\"champion\"' in orders and one == 'fetch 3\\n' and two == 'again 4\\n'\n"
        'sys.stdout.write(\'{"event":"chec\'); sys.stdout.flush()\n'
        'sys.stdout.write(\'ked"}\\n\' * 1 + \'{"event":"checked"}\\n\' * good)\n'
    )
    child.fetch("3")
    child.again("4")
    assert list(child.messages(silence_seconds=30)) == [Checked(), Checked()]
    assert child.end() == "with code 0"


def test_how_it_ended_is_known_from_its_last_words():
    child = child_of("raise SystemExit('cannot open /srv/secret/mlflow.db')")
    assert list(child.messages(silence_seconds=30)) == []
    assert child.end() == "with code 1: cannot open mlflow.db"


def test_one_that_hangs_is_ended_with_its_children():
    script = (
        "import subprocess, sys, time\n"
        "grandchild = subprocess.Popen(['sleep', '300'])\n"
        'sys.stdout.write(\'{"event":"working","version":"%d"}\\n\' % grandchild.pid)\n'
        "sys.stdout.flush()\n"
        "time.sleep(300)\n"
    )
    child = child_of(script)
    messages = child.messages(silence_seconds=30)
    grandchild = int(next(messages).version)
    assert is_running(grandchild)
    silent = child.messages(silence_seconds=0.05)
    assert list(silent) == []
    assert child.end() == "by signal 9: it said nothing for 0.05 s"
    end = time.monotonic() + 30
    while is_running(grandchild) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_running(grandchild)


def test_what_is_not_a_message_is_an_error():
    child = child_of("print('MLflow says hello')")
    with pytest.raises(ValueError, match="not a message"):
        list(child.messages(silence_seconds=30))
    child.end()


def test_talking_to_one_that_is_gone_is_not_an_error():
    child = child_of("")
    assert list(child.messages(silence_seconds=30)) == []
    child.fetch("1" * 100_000)
    child.close()
    child.fetch("1")
    assert child.end() == "with code 0"


@pytest.mark.slow
def test_the_fetcher_ends_when_the_service_is_killed(tmp_path):
    """SIGKILL leaves no time to say good-bye."""
    service = (
        "import sys, time\n"
        "from serving.bundles.child import FetcherChild\n"
        "from serving.bundles.messages import Orders\n"
        f"orders = Orders('sqlite:///{tmp_path}/none.db', '{tmp_path}', 'n', 'champion', 1.0, ())\n"
        "child = FetcherChild(orders)\n"
        "next(child.messages(silence_seconds=60))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", service], stdout=subprocess.PIPE, text=True
    ) as parent:
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    end = time.monotonic() + 30
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_running(pid)
    assert not (tmp_path / "none.db").exists()


def test_lines_of_messages_hold_no_line_breaks():
    assert to_line(Checked()) == b'{"event":"checked"}\n'
