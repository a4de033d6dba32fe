import asyncio
import random
import time

import pytest

from models.jobs.spec import JobSpec
from serving.access.opening import open_access
from serving.jobs import event_stream, watching
from serving.settings import ServingSettings

N_LINES = 450  # more than the board is asked for at a time


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Look often, keep few lines: what is slow for people is the same in little."""
    monkeypatch.setattr(watching, "USUAL_POLL_SECONDS", 0.01)
    monkeypatch.setattr(watching, "POLL_SECONDS", {})


def numbers_of(events):
    return [number for name, number, _ in events if name == "log"]


async def work(worker, job_id, *, seed, pause=0.002):
    """Run a job as a worker would: lines in bundles, progress, its end."""
    chance, written = random.Random(seed), 0  # noqa: S311
    while written < N_LINES:
        n_new = min(chance.randint(1, 40), N_LINES - written)
        lines = [f"line {written + number + 1}" for number in range(n_new)]
        written += n_new
        change = {"state": "running", "step": "train", "percent": 100 * written / N_LINES}
        await asyncio.to_thread(worker.change, job_id, lines=lines, **change)
        await asyncio.sleep(pause)
    done = {"state": "succeeded", "outcome": "promoted", "percent": 100.0}
    await asyncio.to_thread(worker.change, job_id, **done)


def test_a_job_is_told_in_order_and_whole_until_its_end(service, stream, worker, job):
    async def watch():
        async with stream(service, f"/v1/jobs/{job.job_id}/events") as watched:
            working = asyncio.create_task(work(worker, job.job_id, seed=0))
            events = await watched.until()
            await working
            return watched, events

    watched, events = asyncio.run(watch())
    assert watched.status == 200
    assert watched.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _, _ in events]
    assert (names[0], names[-1], names.count("end")) == ("state", "end", 1)
    assert numbers_of(events) == list(range(1, N_LINES + 1))
    assert all(number is None for name, number, _ in events if name != "log")
    texts = [data["text"] for name, _, data in events if name == "log"]
    assert texts == [f"line {number}" for number in range(1, N_LINES + 1)]
    told = [data["percent"] for name, _, data in events if name in ("state", "progress")]
    assert told == sorted(told)
    assert events[-1][2] == {"state": "succeeded", "outcome": "promoted"}
    states = [data["state"] for name, _, data in events if name == "state"]
    assert states[-1] == "succeeded"


@pytest.mark.parametrize("seed", range(4))
def test_whoever_comes_back_gets_what_is_missing_and_nothing_twice(
    service, stream, worker, job, monkeypatch, seed
):
    monkeypatch.setattr(watching, "KEPT_LINES", 30)
    chance = random.Random(seed)  # noqa: S311

    async def watch():
        seen, known = [], None
        working = asyncio.create_task(work(worker, job.job_id, seed=seed))
        while True:
            headers = {} if known is None else {"Last-Event-ID": str(known)}
            enough = chance.randint(1, 120)
            path = f"/v1/jobs/{job.job_id}/events"
            async with stream(service, path, **headers) as watched:
                events = await watched.until(
                    lambda events, enough=enough: len(numbers_of(events)) >= enough
                )
            seen += numbers_of(events)
            known = seen[-1] if seen else None
            if events and events[-1][0] == "end":
                await working
                return seen
            await asyncio.sleep(chance.choice([0, 0.02]))

    assert asyncio.run(watch()) == list(range(1, N_LINES + 1))


def test_watchers_of_one_job_share_one_poll(
    sqlite_board, sqlite_worker, make_service, stream, tmp_path, retrain, monkeypatch
):
    monkeypatch.setattr(watching, "USUAL_POLL_SECONDS", 0.05)
    service = make_service(jobs_database_url=f"sqlite:///{tmp_path / 'jobs.db'}")
    job = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job
    looks = []
    look = watching.JobWatches._look

    async def counted(self, question):
        looks.append(question)
        return await look(self, question)

    monkeypatch.setattr(watching.JobWatches, "_look", counted)

    async def one(number):
        async with stream(service, f"/v1/jobs/{job.job_id}/events?after={number}") as watched:
            return await watched.until()

    async def watch():
        watchers = [asyncio.create_task(one(number)) for number in range(50)]
        await work(sqlite_worker, job.job_id, seed=1, pause=0.02)
        return await asyncio.gather(*watchers)

    began = time.monotonic()
    for after, events in enumerate(asyncio.run(watch())):
        assert numbers_of(events) == list(range(after + 1, N_LINES + 1))
    n_polls = (time.monotonic() - began) / watching.USUAL_POLL_SECONDS
    assert len(looks) < n_polls + 100  # 50 watchers that ask for themselves: 50 x n_polls


def test_neither_the_bound_of_answers_nor_compression_holds_events(
    sqlite_board, sqlite_worker, make_service, stream, tmp_path, retrain
):
    address = f"sqlite:///{tmp_path / 'jobs.db'}"
    service = make_service(jobs_database_url=address, request_seconds=0.2)
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id

    async def watch():
        path = f"/v1/jobs/{job_id}/events"
        async with stream(service, path, **{"Accept-Encoding": "br, gzip"}) as watched:
            await watched.until(lambda events: len(events) == 1)
            await asyncio.sleep(0.5)
            sqlite_worker.change(job_id, lines=["late"], state="failed", reason="for a test")
            return watched, await watched.until()

    watched, events = asyncio.run(watch())
    assert "content-encoding" not in watched.headers
    names = [name for name, _, _ in events]
    assert (names[0], names[-1]) == ("state", "end")
    # The job and its log are read one after the other: a change in between puts the log first.
    assert sorted(names[1:-1]) == ["log", "state"]


def test_a_key_that_is_revoked_ends_what_it_opened(
    sqlite_board, make_service, stream, tmp_path, retrain, monkeypatch
):
    monkeypatch.setattr(event_stream, "CHECK_SECONDS", 0.0)
    settings = {"jobs_database_url": f"sqlite:///{tmp_path / 'jobs.db'}", "open_mode": False}
    service = make_service(**settings, key_cache_seconds=0.05)
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    access = open_access(ServingSettings(state=tmp_path), clock=time.time, monotonic=time.monotonic)
    key, record = access.keys.create("A", ["operate"], created_by="test")

    async def watch():
        path = f"/v1/jobs/{job_id}/events"
        async with stream(service, path, Authorization=f"Bearer {key.text}") as watched:
            await watched.until(lambda events: len(events) == 1)
            access.keys.revoke(record.id, revoked_by="test")
            return await watched.until()

    events = asyncio.run(watch())
    access.close()
    assert [name for name, _, _ in events] == ["state"]


def test_no_more_watchers_than_leave_room_for_requests(
    sqlite_board, make_service, asgi_client, stream, tmp_path, retrain
):
    address = f"sqlite:///{tmp_path / 'jobs.db'}"
    service = make_service(jobs_database_url=address, max_requests_in_flight=4)
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    path = f"/v1/jobs/{job_id}/events"

    async def watch():
        async with stream(service, path) as one, stream(service, path) as two:
            await one.piece()
            await two.piece()
            async with stream(service, path) as third:
                refused = third.status
        async with stream(service, path) as later:
            return refused, later.status

    assert asyncio.run(watch()) == (503, 200)


def test_head_is_answered_at_once(sqlite_client, sqlite_board, retrain):
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    answer = sqlite_client.request("HEAD", f"/v1/jobs/{job_id}/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_number_that_is_none_is_passed_over(sqlite_client, sqlite_board, sqlite_worker, retrain):
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    sqlite_worker.change(job_id, lines=["one", "two"], state="failed")
    for said in ("x", "-1", "", "1" * 40):
        answer = sqlite_client.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": said})
        assert answer.text.count("event: log") == 2, said
    assert sqlite_client.get(f"/v1/jobs/{job_id}/events?after=1").text.count("event: log") == 1
    assert sqlite_client.get(f"/v1/jobs/{job_id}/events?after=x").status_code == 422
