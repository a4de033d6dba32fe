"""The child process that watches the store: the only part of the service that imports MLflow.

`python -m serving.bundles.fetcher` reads its orders and then requests from stdin, and answers in
lines of JSON on stdout. It ends, with everything it started, when stdin is closed, as it is when
the service ends in whatever way.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from models.golden import check_golden_in_child
from models.store import BundleStore
from serving.bundles.choice import StoreAddress
from serving.bundles.messages import Message, Orders, parse_orders, to_line
from serving.bundles.store_poll import StorePoll

GLANCE_SECONDS = 0.5  # between two looks at the times of a database file
NICENESS = 5  # who answers goes first
Stamp = tuple[tuple[int, int], ...]


def main() -> None:
    """Watch until stdin is closed."""
    os.nice(NICENESS)
    answers = _private_stdout()
    orders = parse_orders(sys.stdin.buffer.readline())
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()

    def say(message: Message) -> None:
        answers.write(to_line(message))
        answers.flush()

    database = StoreAddress(orders.tracking_uri, Path(orders.cache), orders.name).database
    poll = StorePoll(
        BundleStore(orders.tracking_uri, name=orders.name, cache=Path(orders.cache)),
        orders,
        prove=check_golden_in_child,
        say=say,
        is_there=lambda: database is None or database.is_file(),
    )
    watch(poll, orders, requests, stamp=lambda: stamp_of(database))


def watch(
    poll: StorePoll, orders: Orders, requests: queue.SimpleQueue[str], *, stamp: Callable[[], Stamp]
) -> None:
    """Look at the store at every interval, and at once when its database file changed."""
    while True:
        seen = stamp()
        poll.look()
        ends_at = time.monotonic() + orders.poll_seconds
        while (left := ends_at - time.monotonic()) > 0:
            try:
                _follow(poll, requests.get(timeout=min(left, GLANCE_SECONDS)))
            except queue.Empty:
                if stamp() != seen:
                    break


def stamp_of(database: Path | None) -> Stamp:
    """Return times and sizes of a SQLite database and its log: they change when it is written."""
    if database is None:
        return ()
    found = []
    for path in (database, database.with_name(f"{database.name}-wal")):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def _follow(poll: StorePoll, request: str) -> None:
    what, _, version = request.partition(" ")
    if what == "fetch":
        poll.fetch(version)
    elif what == "again":
        poll.again(version)


def _read_requests(stdin: BinaryIO, requests: queue.SimpleQueue[str]) -> None:
    for line in stdin:
        requests.put(line.decode().strip())
    _end_all()


def _end_all() -> None:
    """End this process and its children: nobody is left to read what they would say."""
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _private_stdout() -> BinaryIO:
    """Keep stdout for answers: whatever else is printed here goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
