"""How long a list of jobs takes with 10,000 in the queue: `python -P benchmarks/jobs_list.py`.

SQLite in a temporary folder, or the empty Postgres database whose address is given.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import insert

from models.jobs.board import JobBoard
from models.jobs.database import open_jobs_engine, writing
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs
from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.holder import ServedBundles
from serving.settings import ServingSettings

N_JOBS, N_TIMES = 10_000, 30
PATHS = (
    "/v1/jobs", "/v1/jobs?limit=500", "/v1/jobs?state=queued&kind=promote",
    "/v1/jobs?cursor=5000", "/v1/executors", "/jobs",
)  # fmt: skip


class NoBundles:
    bundles = ServedBundles()

    def start(self):
        pass

    def stop(self):
        pass


def fill(address):
    board = JobBoard(address)
    board.start()
    board.close()
    rows = [
        {
            "job_id": f"{number:016x}",
            "kind": "promote" if number % 2 else "retrain",
            "spec": JobSpec.from_json(
                {"kind": "promote", "bundle": "3"}
                if number % 2
                else {"kind": "retrain", "cohort": "ccle-gdsc2"}
            ).to_json(),
            "state": "queued",
            "percent": 0.0,
            "reasons": [],
            "figures": {},
            "submitted_at": time.time(),
            "submitted_by": "benchmark",
            "attempt": 0,
            "n_lines": 0,
        }
        for number in range(N_JOBS)
    ]
    engine = open_jobs_engine(address)
    with writing(engine) as connection:
        connection.execute(insert(jobs), rows)
    engine.dispose()


def main():
    with tempfile.TemporaryDirectory() as folder:
        address = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/jobs.db"
        fill(address)
        settings = ServingSettings(
            state=Path(folder) / "serving", jobs_database_url=address, open_mode=True
        )
        settings.state.mkdir()
        access = open_access(settings, clock=time.time, monotonic=time.monotonic)
        app = create_app(settings, bundles=NoBundles(), access=access)
        asyncio.run(ask_all(app))
        access.close()


async def ask_all(app):
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for path in PATHS:
            median, longest = await times(client, path)
            print(f"{path:<40} median {median:6.1f} ms, longest {longest:6.1f} ms")


async def times(client, path):
    """Median and longest, in milliseconds, after a first one that is not counted."""
    taken = []
    for _ in range(N_TIMES + 1):
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken[1:]), max(taken[1:])


if __name__ == "__main__":
    main()
