"""Workers as programs, and a child that acts a script: what tests of workers share."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.jobs.database import writing
from models.jobs.errors import BoardAway
from models.jobs.spec import JobSpec

HERE = Path(__file__).resolve().parent
TINY = JobSpec(kind="retrain", cohort="tiny", drugs=("a", "b", "c"), batch_drugs=1)
PATIENCE_SECONDS = 120.0


def until(condition, what, seconds=None):
    """Wait until something is so, or fail by saying what was not."""
    seconds = PATIENCE_SECONDS if seconds is None else seconds
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return pytest.fail(f"not within {seconds:g} s: {what}")


def freeze(worker, board):
    """Freeze a worker between two of its writes: SQLite would wait for it for ever."""

    def is_between_writes():
        worker.process.send_signal(signal.SIGSTOP)
        until(lambda: _is_stopped(worker.process.pid), "the worker has stopped")
        try:
            with writing(board.engine):
                return True
        except BoardAway:
            worker.process.send_signal(signal.SIGCONT)
            time.sleep(0.2)  # for its write; stopped again at once it would never end it
            return False

    until(is_between_writes, "the worker was frozen without SQLite's lock")


def _is_stopped(pid):
    """Whether all of its threads have: one that is still in a write may get the lock yet."""
    try:
        states = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    except OSError:  # one has just ended
        return False
    return all("\nState:\tT" in one for one in states)


class Script:
    """What the acted child does, and what it has done (`scripted_child.py`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def act(self, step: str, **what: object) -> None:
        """Say what happens at a step, such as `train b`; `what` is read by the child."""
        (self.folder / f"{step}.json").write_text(json.dumps(what))

    def forget(self, step: str) -> None:
        (self.folder / f"{step}.json").unlink()

    @property
    def done(self) -> list[tuple[str, str]]:
        """(job, step) of everything that was begun, in order."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.folder / "done").read_text().splitlines()
            return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]
        return []

    def steps_of(self, job_id: str) -> list[str]:
        return [step for job, step in self.done if job == job_id]

    def pid_of(self, job_id: str) -> int:
        lines = (self.folder / "done").read_text().splitlines()
        return int([line for line in lines if line.startswith(job_id)][-1].split("\t")[2])


class WorkerProcess:
    """One worker, started as a program."""

    def __init__(
        self,
        address: str,
        folder: Path,
        script: Script | None,
        *,
        program: tuple[str, ...] = (str(HERE / "acted_worker.py"),),
        **settings: object,
    ):
        given = {"heartbeat_seconds": 1, "poll_seconds": 0.05, "stop_seconds": 0.5, **settings}
        environment = {
            **os.environ,
            "CUPROMARK_WORKER_DATABASE_URL": address,
            "CUPROMARK_WORKER_STATE": str(folder / "state"),
            "CUPROMARK_WORKER_STORE": str(folder / "var"),
            **{f"CUPROMARK_WORKER_{name.upper()}": str(one) for name, one in given.items()},
        }
        acted = [] if script is None else [str(script.folder)]
        self.log = folder / f"worker-{given.get('executor_id', 'own')}.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, *program, *acted],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def wait_ready(self) -> "WorkerProcess":
        heard, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
        said = self.process.stdout.readline() if heard else b"nothing in time"
        if said != b"ready\n":
            self.kill()
            pytest.fail(f"{said!r}: {self.log.read_text()}")
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        return code
