"""Load on a running service: threads that ask one question again and again, and note what came."""

import http.client
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REFUSED, BROKEN = "refused", "broken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request.

    Attributes
    ----------
    began, ended
        Seconds of the monotonic clock.
    came
        HTTP status; REFUSED where nobody listened, BROKEN where the connection ended before the
        answer.
    asker
        Number of the thread.
    connected
        When its connection began to be opened.
    """

    began: float
    ended: float
    came: int | str
    asker: int
    connected: float


@dataclass
class Load:
    """What became of all requests, and which different answers there were.

    Attributes
    ----------
    outcomes
        In no order.
    answers
        Each different body of success, in the order in which they came first.
    """

    outcomes: list = field(default_factory=list)
    answers: dict = field(default_factory=dict)

    def of(self, came, *, since=0.0):
        return [one for one in self.outcomes if one.came == came and one.began >= since]

    @property
    def others(self):
        """What is neither success nor a connection that could not be had."""
        return [one.came for one in self.outcomes if one.came not in (200, REFUSED, BROKEN)]

    def wait_for_success(self, *, since, patience_seconds):
        """Wait until a request that began after a moment was answered; when that was."""
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end:
            ended = [one.ended for one in self.of(200, since=since)]
            if ended:
                return min(ended)
            time.sleep(0.01)
        raise AssertionError(f"nothing was answered within {patience_seconds} s")

    def wait_for(self, condition, *, patience_seconds=60):
        """Wait until something holds for what came so far."""
        end = time.monotonic() + patience_seconds
        while not condition():
            assert time.monotonic() < end, Counter(one.came for one in self.outcomes)
            time.sleep(0.01)

    def wait_for_each(self, n_threads):
        """Wait until every thread was answered more than once: each has a connection then."""
        self.wait_for(
            lambda: (
                len({one.asker for one in self.of(200) if one.connected < one.began}) == n_threads
            )
        )


@contextmanager
def load_on(address, path, question, *, key, n_threads=8, pause_seconds=0.0):
    """Ask until the block ends, over one connection a thread that is kept as long as it lives."""
    load, stop = Load(), threading.Event()
    content = json.dumps(question).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    headers["Accept-Encoding"] = "identity"

    def ask_on(asker):
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        connected = 0.0
        while not stop.wait(pause_seconds):
            began, body = time.monotonic(), b""
            if connection.sock is None:
                connected = began
            try:
                connection.request("POST", path, content, headers)
                answer = connection.getresponse()
                came, body = answer.status, answer.read()
            except ConnectionRefusedError:
                came = REFUSED
            except (OSError, http.client.HTTPException):
                came = BROKEN
            load.outcomes.append(Outcome(began, time.monotonic(), came, asker, connected))
            if came == 200:
                load.answers.setdefault(body, None)
            else:
                connection.close()
                stop.wait(0.02)
        connection.close()

    threads = [threading.Thread(target=ask_on, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
