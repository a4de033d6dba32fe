"""A database of jobs, an audit trail and a made-up service, as commands find them."""

import httpx
import pytest

from cupromark import board_events
from cupromark.client import Client
from cupromark.main import main
from models.jobs.board import JobBoard
from serving.access.audit_entries import read_entries
from serving.database.engine import open_database
from serving.database.schema import prepare_database

OF_THE_ENVIRONMENT = (
    "CUPROMARK_WORKER_DATABASE_URL",
    "CUPROMARK_SERVE_JOBS_DATABASE_URL",
    "CUPROMARK_SERVE_DATABASE_URL",
    "CUPROMARK_SERVE_STATE",
    "CUPROMARK_URL",
    "CUPROMARK_API_KEY",
    "CUPROMARK_STORE",
)


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'jobs.db'}"


@pytest.fixture
def board(address):
    opened = JobBoard(address)
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def run_on_jobs(capsys, address, monkeypatch, tmp_path):
    """Run a command on the database of the jobs, in a folder of its own: code, out and err."""
    monkeypatch.setattr(board_events, "POLL_SECONDS", 0.02)
    for name in OF_THE_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, where=("--database", address)):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *where])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def trail(tmp_path):
    """The audit trail of a service whose database is where commands look for it."""
    (tmp_path / "var" / "serving").mkdir(parents=True)
    database = open_database(f"sqlite:///{tmp_path / 'var' / 'serving' / 'serving.db'}")
    prepare_database(database, upgrade=True)
    yield lambda: [(one.action, one.caller, one.detail) for one in reversed(read_entries(database))]
    database.close()


@pytest.fixture
def answer_with(monkeypatch):
    """Have a service that is made up answer what commands ask."""

    def answer_with(answer):
        make = Client.__init__

        def with_transport(self, *given, **named):
            make(self, *given, **named, transport=httpx.MockTransport(answer))

        monkeypatch.setattr(Client, "__init__", with_transport)

    return answer_with
