"""A worker that something is wrong with: `faulty_worker.py [--clock FILE] ... [SCRIPT]`.

With `--clock`, its clock and that of its database are ahead by the seconds that stand in the file,
which `set_clock` writes;
with `--held`, its child stops before it gives a version an alias (`held_child.py`); with
`--file-bytes`, no file of its child may grow beyond that.
"""

import argparse
import signal
import sys
import time
from functools import partial
from pathlib import Path

from models.jobs import database, executors
from tests.training.jobs.acted_worker import ACTED
from training.jobs.child_process import COMMAND, ChildProcess
from training.jobs.logs import configure_worker_logs
from training.jobs.settings import WorkerSettings
from training.jobs.worker import Worker

HELD = str(Path(__file__).with_name("held_child.py"))


def main():
    options = _options()
    if options.clock is not None:
        move_clocks(options.clock)
    command = COMMAND
    if options.script is not None:
        command = (sys.executable, "-S", ACTED, options.script)
    elif options.held is not None:
        command = (sys.executable, "-P", HELD, options.held)
    if options.file_bytes is not None:
        command = ("prlimit", f"--fsize={options.file_bytes}", *command)
    settings = WorkerSettings()
    configure_worker_logs(settings)
    worker = Worker(settings, make_child=partial(ChildProcess, command=command))
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run(ready=lambda: print("ready", flush=True))  # noqa: T201


def move_clocks(path):
    """Let this process and the database that it asks believe that it is later, or earlier."""
    own, of_database = time.time, database.database_seconds

    def ahead():
        return float(path.read_text())

    time.time = lambda: own() + ahead()
    for module in (database, executors):
        module.database_seconds = lambda engine: of_database(engine) + ahead()


def set_clock(path, seconds):
    """Move the clocks of all workers that read this file; none ever finds it half written."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(str(seconds))
    new.replace(path)


def _options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=Path)
    parser.add_argument("--held")
    parser.add_argument("--file-bytes")
    parser.add_argument("script", nargs="?")
    return parser.parse_args()


if __name__ == "__main__":
    main()
