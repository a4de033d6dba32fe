"""Load on a running service: threads that ask one question again and again, and note what came."""

import http.client
import json
import threading
import time
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
    """

    began: float
    ended: float
    came: int | str


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


@contextmanager
def load_on(address, path, question, *, key, n_threads=8, pause_seconds=0.0):
    """Ask until the block ends, over one connection a thread that is kept as long as it lives."""
    load, stop = Load(), threading.Event()
    content = json.dumps(question).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    headers["Accept-Encoding"] = "identity"

    def ask_on():
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        while not stop.wait(pause_seconds):
            began, body = time.monotonic(), b""
            try:
                connection.request("POST", path, content, headers)
                answer = connection.getresponse()
                came, body = answer.status, answer.read()
            except ConnectionRefusedError:
                came = REFUSED
            except (OSError, http.client.HTTPException):
                came = BROKEN
            load.outcomes.append(Outcome(began, time.monotonic(), came))
            if came == 200:
                load.answers.setdefault(body, None)
            else:
                connection.close()
                stop.wait(0.02)
        connection.close()

    threads = [threading.Thread(target=ask_on) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
