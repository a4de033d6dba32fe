import subprocess
import sys
import threading

import pytest

from models.jobs.errors import BoardAway
from serving.jobs.opening import AWAY_SECONDS, Jobs, open_jobs
from serving.settings import ServingSettings


class Board:
    """A board that is away when a test says so."""

    def __init__(self):
        self.is_away, self.n_asked, self.is_closed = False, 0, False

    def ask(self):
        self.n_asked += 1
        if self.is_away:
            raise BoardAway("It is away.", needed="it.", remedy="wait.")
        return "answer"

    def close(self):
        self.is_closed = True


def test_nothing_is_opened_before_the_first_question_and_everything_is_closed(clock):
    opened = []
    jobs = Jobs(lambda: opened.append(Board()) or opened[0], monotonic=clock)
    assert opened == []
    answers = []
    askers = [
        threading.Thread(target=lambda: answers.append(jobs.ask(Board.ask))) for _ in range(8)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert answers == ["answer"] * 8
    assert len(opened) == 1
    jobs.close()
    assert opened[0].is_closed


def test_a_board_that_is_away_is_asked_by_one_and_refused_to_others_for_a_moment(clock):
    board = Board()
    jobs = Jobs(lambda: board, monotonic=clock)
    board.is_away = True
    for _ in range(3):
        with pytest.raises(BoardAway, match="It is away"):
            jobs.ask(Board.ask)
    assert board.n_asked == 1
    board.is_away = False
    clock.advance(AWAY_SECONDS)
    assert jobs.ask(Board.ask) == "answer"
    assert jobs.ask(Board.ask) == "answer"
    jobs.close()


def test_a_board_that_cannot_be_opened_is_tried_again(clock):
    attempts = []

    def open_board():
        attempts.append(1)
        if len(attempts) == 1:
            raise BoardAway("It is away.", needed="it.", remedy="wait.")
        return Board()

    jobs = Jobs(open_board, monotonic=clock)
    with pytest.raises(BoardAway):
        jobs.ask(Board.ask)
    clock.advance(AWAY_SECONDS)
    assert jobs.ask(Board.ask) == "answer"
    jobs.close()


def test_the_database_is_where_workers_look(tmp_path):
    def address(**given):
        return ServingSettings(**given).effective_jobs_database_url

    assert address() == "sqlite:///var/jobs.db"
    assert address(state=tmp_path / "serving") == f"sqlite:///{tmp_path / 'jobs.db'}"
    assert address(store=str(tmp_path)) == f"sqlite:///{tmp_path / 'jobs.db'}"
    assert address(store="http://mlflow:5000") == "sqlite:///var/jobs.db"
    settings = ServingSettings(jobs_database_url="postgresql://me:hush@db/jobs")
    assert settings.effective_jobs_database_url == "postgresql://me:hush@db/jobs"
    assert "hush" not in repr(settings) + settings.model_dump_json()


def test_links_lead_to_the_mlflow_of_the_settings(tmp_path, clock):
    settings = ServingSettings(state=tmp_path / "serving", mlflow_url="https://mlflow.example")
    jobs = open_jobs(settings, clock=clock, monotonic=clock)
    assert jobs.ask(lambda board: board.list().jobs) == ()
    jobs.close()
    assert (tmp_path / "jobs.db").exists()


def test_a_service_that_nobody_asks_about_jobs_does_not_import_dbos():
    code = "import sys, serving.run; print(*(m for m in sys.modules if m.startswith('dbos')))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
