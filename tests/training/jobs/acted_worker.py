"""A worker as a program: with the real child, or with one that acts a script."""

import signal
import sys
from functools import partial
from pathlib import Path

from training.jobs.child_process import COMMAND, ChildProcess
from training.jobs.logs import configure_worker_logs
from training.jobs.settings import WorkerSettings
from training.jobs.worker import Worker

ACTED = str(Path(__file__).with_name("scripted_child.py"))


def main() -> None:
    command = [sys.executable, "-S", ACTED, sys.argv[1]] if sys.argv[1:] else COMMAND
    settings = WorkerSettings()
    configure_worker_logs(settings)
    worker = Worker(settings, make_child=partial(ChildProcess, command=command))
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run(ready=lambda: print("ready", flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
