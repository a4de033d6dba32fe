"""Jobs on SQLite and on Postgres, and what a worker would write about them."""

import asyncio
import contextlib
import json

import pytest
from sqlalchemy import update

from models.jobs.board import JobBoard
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs

RETRAIN = {"kind": "retrain", "cohort": "ccle-gdsc2", "drugs": ["Cisplatin", "Docetaxel"]}


class Worker:
    """Writes into the database of jobs as a worker does, when a test says so."""

    def __init__(self, address):
        self._engine = open_jobs_engine(address)

    def change(self, job_id, *, lines=(), **values):
        """Change columns of a job, and add lines to its log, at once."""
        with writing(self._engine) as connection:
            if values:
                connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**values))
            add_lines(connection, job_id, [(1_800_000_000.0, "info", text) for text in lines])

    def close(self):
        self._engine.dispose()


@pytest.fixture
def worker(board, jobs_address):
    with contextlib.closing(Worker(jobs_address)) as opened:
        yield opened


@pytest.fixture
def service(board, make_service, jobs_address):
    return make_service(jobs_database_url=jobs_address)


@pytest.fixture
def client(service, asgi_client):
    return asgi_client(service)


@pytest.fixture
def job(board):
    """A job in the queue."""
    return board.submit(JobSpec.from_json(RETRAIN), submitted_by="somebody").job


@pytest.fixture
def sqlite_board(tmp_path):
    """The board on SQLite, for what does not depend on the kind of database."""
    opened = JobBoard(f"sqlite:///{tmp_path / 'jobs.db'}")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def sqlite_worker(sqlite_board, tmp_path):
    with contextlib.closing(Worker(f"sqlite:///{tmp_path / 'jobs.db'}")) as opened:
        yield opened


@pytest.fixture
def sqlite_client(sqlite_board, make_service, asgi_client, tmp_path):
    return asgi_client(make_service(jobs_database_url=f"sqlite:///{tmp_path / 'jobs.db'}"))


@pytest.fixture(scope="session")
def retrain():
    return RETRAIN


def read_events(pieces):
    """Parse server-sent events, as a browser does: (event, id, data)."""
    events = []
    for block in b"".join(pieces).decode().split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":")
        )
        if "data" in fields:
            number = int(fields["id"]) if "id" in fields else None
            events.append((fields["event"], number, json.loads(fields["data"])))
    return events


class Stream:
    """A request whose answer is read while it is made."""

    def __init__(self, app, path, method="GET", **headers):
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        path, _, query = path.partition("?")
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "scheme": "http", "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80), "headers": [(b"host", b"127.0.0.1"), *pairs],
        }  # fmt: skip
        self._app = app
        self._gone = asyncio.Event()
        self._sent = asyncio.Queue()
        self._asked = False
        self.pieces = []

    async def __aenter__(self):
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._sent.put))
        begin = await self._sent.get()
        self.status = begin["status"]
        self.headers = {name.decode(): value.decode() for name, value in begin["headers"]}
        return self

    async def __aexit__(self, *error):
        self._gone.set()
        await self.task

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def piece(self):
        """Wait for the next piece of the body; None behind the last one."""
        message = await asyncio.wait_for(self._sent.get(), 20)
        if message.get("body"):
            self.pieces.append(message["body"])
        return message["body"] if message.get("more_body") or message.get("body") else None

    async def until(self, is_enough=None):
        """Read until the events are enough, or there are no more; gives all events."""
        while is_enough is None or not is_enough(read_events(self.pieces)):
            if await self.piece() is None:
                break
        return read_events(self.pieces)


@pytest.fixture(scope="session")
def stream():
    return Stream


@pytest.fixture(scope="session")
def events_of():
    return read_events
