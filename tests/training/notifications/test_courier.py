"""Notifications that a real receiver on this machine gets; only the wall is opened for it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import update

from models.jobs.board import JobBoard
from models.jobs.outbox import (
    CLAIM_SECONDS,
    PAUSES,
    claim_due,
    list_notifications,
    note_delivered,
    note_failed,
    post_ended_jobs,
    try_again,
)
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs
from training.notifications.courier import Courier
from training.notifications.signing import is_genuine

DAY = 86_400.0
SECRET = "a secret of this test alone"  # noqa: S105


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers with the next of `answers`, then with 204."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got, self.answers = [], []

    @property
    def url(self):
        return f"http://hooks.test:{self.server_port}/in?from=cupromark"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, self.path, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["sqlite", "postgres"])
def board(request, tmp_path):
    address = (
        f"sqlite:///{tmp_path / 'jobs.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_address")
    )
    opened = JobBoard(address, clock=Clock())
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return Clock()


def courier_of(board, receiver, clock, **options):
    asked = {"urls": [receiver.url], "hosts": ["hooks.test"], "secret": SECRET, "clock": clock}
    asked |= {"events": ("promoted", "failed"), "schemes": ("http",)}
    asked |= {"resolve": lambda host, port: ["127.0.0.1"], "is_allowed": lambda address: True}
    return Courier(board.engine, **asked | options)


def ended_job(board, *, state="succeeded", outcome="promoted", ended_at=Clock.now):
    spec = JobSpec(kind="retrain", cohort="ccle-gdsc2")
    job = board.submit(spec, submitted_by="me").job
    values = {"state": state, "outcome": outcome, "ended_at": ended_at, "version": "7"}
    with board.engine.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.job_id == job.job_id).values(values))
    return job.job_id


def test_a_job_that_ended_is_told_once_signed_and_without_its_log(board, receiver, clock):
    job_id = ended_job(board)
    courier = courier_of(board, receiver, clock)
    assert [courier.run_once() for _ in range(3)] == [1, 0, 0]
    ((headers, path, body),) = receiver.got
    assert path == "/in?from=cupromark"
    assert headers["host"] == f"hooks.test:{receiver.server_port}"
    assert is_genuine(SECRET, headers, body, now=clock.now)
    told = json.loads(body)
    assert told["event"] == "job.promoted"
    assert told["job"]["job_id"] == job_id
    assert told["job"]["version"] == "7"
    assert "figures" not in told["job"]


def test_only_what_was_asked_for_is_told(board, receiver, clock):
    ended_job(board, outcome="nothing_new")
    ended_job(board, state="cancelled", outcome=None)
    board.submit(JobSpec(kind="promote", bundle="3"), submitted_by="me")
    ended_job(board, state="failed", outcome=None)
    courier_of(board, receiver, clock).run_once()
    assert [json.loads(body)["event"] for _, _, body in receiver.got] == ["job.failed"]


def test_what_is_refused_is_tried_again_later_under_the_same_id(board, receiver, clock):
    ended_job(board)
    receiver.answers = [500, 302]
    courier = courier_of(board, receiver, clock)
    assert courier.run_once() == 0
    assert courier.run_once() == 0  # not before its time
    assert len(receiver.got) == 1
    clock.now += PAUSES[0]
    assert courier.run_once() == 0  # a redirect is not followed
    clock.now += PAUSES[1]
    assert courier.run_once() == 1
    assert len({headers["webhook-id"] for headers, _, _ in receiver.got}) == 1
    (kept,) = list_notifications(board.engine)
    assert (kept.n_attempts, kept.trouble, kept.next_at) == (3, None, None)


def test_it_is_given_up_in_the_end_and_can_be_tried_again_by_hand(board, receiver, clock):
    ended_job(board)
    courier = courier_of(board, receiver, clock, resolve=lambda host, port: [])
    for pause in (*PAUSES, 1e9):
        courier.run_once()
        clock.now += pause
    (given_up,) = list_notifications(board.engine)
    assert (given_up.next_at, given_up.delivered_at) == (None, None)
    assert given_up.n_attempts == len(PAUSES) + 1
    assert "no address" in given_up.trouble
    assert try_again(board.engine, now=clock.now) == 1
    assert courier_of(board, receiver, clock).run_once() == 1


def test_what_ended_while_nobody_looked_is_told_by_the_next_courier(board, receiver, clock):
    ended_job(board)
    assert courier_of(board, receiver, clock).run_once() == 1
    ended_job(board)
    clock.now += DAY
    assert courier_of(board, receiver, clock).run_once() == 1


def test_nobody_is_told_of_what_is_long_past(board, receiver, clock):
    ended_job(board)
    clock.now += DAY  # no notification was ever made before
    assert courier_of(board, receiver, clock).run_once() == 0
    clock.now -= DAY
    assert courier_of(board, receiver, clock).run_once() == 1
    ended_job(board)
    clock.now += 8 * DAY
    assert courier_of(board, receiver, clock).run_once() == 0


def test_two_couriers_send_it_once(board, receiver, clock):
    for _ in range(10):
        ended_job(board)
    couriers = [courier_of(board, receiver, clock) for _ in range(2)]
    threads = [threading.Thread(target=each.run_once) for each in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [headers["webhook-id"] for headers, _, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 10


@pytest.mark.parametrize("state", ["queued", "running"])
def test_every_end_of_a_job_is_told_however_often_it_is_resumed(board, receiver, clock, state):
    job_id = board.submit(JobSpec(kind="promote", bundle="3"), submitted_by="me").job.job_id
    if state == "running":
        claim_job(board.engine, job_id, "w", clock=clock)
    courier = courier_of(board, receiver, clock, events=("cancelled",))
    for minute in range(3):
        board._clock.now = clock.now = Clock.now + 60 * minute
        board.cancel(job_id, by="me")
        assert [courier.run_once() for _ in range(2)] == [1, 0]
        board.resume(job_id, by="me")
    assert len({headers["webhook-id"] for headers, _, _ in receiver.got}) == 3


def test_a_clock_that_is_set_back_silences_no_courier(board, receiver, clock):
    courier = courier_of(board, receiver, clock)
    courier.run_once()
    for hours in (1, 5):
        clock.now = Clock.now - hours * 3600
        ended_job(board, ended_at=clock.now)
        assert courier.run_once() == 1
        clock.now += 2
        ended_job(board, ended_at=clock.now)
        assert courier.run_once() == 1
        assert courier.run_once() == 0


def test_while_a_slow_receiver_is_waited_for_others_send_the_rest_and_nothing_twice(
    board, receiver, clock
):
    sent = [ended_job(board) for _ in range(6)]
    other, own = courier_of(board, receiver, clock), []

    def slowly(host, port):
        own.append(clock.now)
        clock.now += 25  # of every message; the third ends after the first claim would have lapsed
        if len(own) == 3:
            other.run_once()
        return ["127.0.0.1"]

    courier_of(board, receiver, clock, resolve=slowly).run_once()
    ids = [headers["webhook-id"] for headers, _, _ in receiver.got]
    assert len(own) == 3
    assert sorted(one.split("-")[0] for one in ids) == sorted(sent)


def test_a_failure_of_a_claim_that_has_lapsed_is_not_noted(board, clock):
    ended_job(board)
    engine = board.engine
    post_ended_jobs(engine, ["https://a.test/"], ("promoted",), since=0.0, now=clock.now)
    first = claim_due(engine, now=clock.now)
    assert claim_due(engine, now=clock.now) is None
    clock.now += CLAIM_SECONDS
    second = claim_due(engine, now=clock.now)
    assert (first.number, first.message_id) == (second.number, second.message_id)
    note_failed(engine, first, "too late", now=clock.now)
    (kept,) = list_notifications(engine)
    assert kept == second  # still the claim of the second
    note_delivered(engine, first, now=clock.now)  # it was taken all the same
    note_failed(engine, second, "it took longer", now=clock.now)
    (kept,) = list_notifications(engine)
    assert (kept.delivered_at, kept.next_at, kept.trouble) == (clock.now, None, None)


def test_by_default_nothing_leaves_for_this_machine(board, receiver, clock):
    ended_job(board)
    assert courier_of(board, receiver, clock, is_allowed=None).run_once() == 0
    assert receiver.got == []
    (kept,) = list_notifications(board.engine)
    assert "127.0.0.1" in kept.trouble
