"""`python -m training.jobs.child`: does what a worker orders, and dies with it.

One order a line on standard input, messages as JSON lines on standard output: `log`, `progress`,
and at the end of an order one of `done`, `away` and `failed`. Whatever else is printed, by us or by
libraries, goes to standard error, which the worker puts into the job's log.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import signal
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.5
NO_SPACE = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EFBIG: "a file has reached the size that the system allows",
}
MOST_WILLING_TO_DIE = "1000"


def main() -> None:
    """Answer orders until there are no more."""
    parent = int(sys.argv[1])
    die_with(parent)
    messages = _take_standard_output()
    from features.errors import CupromarkError
    from models.errors import StoreAwayError
    from training.jobs.work import JobWork

    def say(message: dict[str, Any]) -> None:
        with lock:
            messages.write(json.dumps(message) + "\n")
            messages.flush()

    lock = threading.Lock()
    work = JobWork(say)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            say({"done": work.do(order)})
        except StoreAwayError as error:
            say({"away": error.found})
        except CupromarkError as error:
            say({"failed": str(error)})
        except BrokenProcessPool as error:
            say({"failed": _why_a_process_died(str(error))})
        except MemoryError:
            say({"failed": "out of memory: an allocation was refused"})
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            say({"failed": f"{NO_SPACE[error.errno]} ({error.filename or 'unnamed file'})"})


def die_with(parent: int) -> None:
    """End with the worker, and be the first that the kernel ends when memory runs out."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        sys.exit(0)
    Path("/proc/self/oom_score_adj").write_text(MOST_WILLING_TO_DIE)
    _guard_group(os.getpid())


def _guard_group(leader: int) -> None:
    """Leave a process behind that ends those of the group once their leader is gone.

    A leader that the kernel ends with its worker has no moment left to do it itself, and the
    processes of a training wait minutes for work that never comes.
    """
    if os.fork():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # whoever reads those of the leader must see their end
        os.dup2(nothing, stream)
    while os.getppid() == leader:
        time.sleep(WATCH_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _why_a_process_died(words: str) -> str:
    """Say of a broken pool of processes what joblib says in its midst: by which signals."""
    signals = sorted(set(re.findall(r"(SIG[A-Z]+)\(-\d+\)", words)))
    if signals == ["SIGKILL"]:
        return (
            "a process of the training was killed, as the kernel does when memory runs out; fewer "
            "processes (CUPROMARK_WORKER_PROCESSES) need less"
        )
    return f"a process of the training crashed ({', '.join(signals) or 'nobody knows how'})"


def _take_standard_output() -> TextIO:
    """Keep standard output for messages; what others print goes to standard error."""
    own = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(own, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
