# ruff: noqa: T201 - a program that prints its figures
"""`make soak ARGS=jobs`: faults of the jobs that take too long for `make test`, with figures.

Ends with exit code 1 where a job was lost, did not end as it should or registered twice.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.faults import soaked, speed
from tests.end_to_end.faults.bench import Bench
from tests.end_to_end.faults.kills import kill_often
from tests.postgres import find_postgres, running_postgres
from tests.training.jobs import acting

HEARTBEAT_SECONDS = 3
PATIENCE_SECONDS = 900.0  # a machine may be busy; what takes so long is lost
DATABASES = ("sqlite", "postgres")
ON_POSTGRES_ALONE = frozenset({"away"})
ON_EITHER = frozenset({"rest", "overhead", "events"})  # the figures of one are enough


class Soak:
    """The parts, each a method that gives sentences of what broke.

    Parameters
    ----------
    options
        Of the call.
    folder
        For everything that the parts make.
    postgres
        A server of our own.
    """

    def __init__(self, options, folder, postgres):
        self.options, self.folder, self.postgres = options, folder, postgres
        self.database = "sqlite"
        self.rng = random.Random(options.seed)  # noqa: S311 - moments, no secrets
        self.n_benches = 0

    def kills(self):
        """Kill workers at random moments of real jobs."""
        with self.bench(heartbeat_seconds=HEARTBEAT_SECONDS) as bench:
            found = kill_often(bench, self.options.kills, self.rng, tell=tell)
        for line in found.lines():
            tell(line)
        return found.breaks

    def cancels(self):
        """Cancel real jobs at random moments, and resume them."""
        with self.bench() as bench:
            return soaked.cancel_often(bench, self.options.cancels, self.rng, tell)

    def many(self):
        """Do many small jobs with two workers."""
        with self.bench(acted=True) as bench:
            return soaked.many_jobs(bench, self.options.jobs, tell)

    def away(self):
        """Take Postgres away while a real job trains."""
        with self.bench() as bench:
            return soaked.database_away(bench, self.postgres, self.options.away_seconds, tell)

    def mlflow(self):
        """Start a job before MLflow's server runs."""
        with self.bench() as bench:
            return soaked.mlflow_away(bench, tell)

    def disk(self):
        """Let the disk run full under store and state, and under SQLite's file (takes root)."""

        @contextmanager
        def make_bench(number, disk):
            is_with_database = self.database == "sqlite" and number % 2 == 1
            address = self.new_address(disk if is_with_database else None)
            with Bench.opened(address, disk) as bench:
                yield bench, is_with_database

        return soaked.disk_full(
            make_bench, self.folder / f"disk-{self.database}", self.options.disks, self.rng, tell
        )

    def memory(self):
        """Give a real job too little memory."""
        with self.bench() as bench:
            return soaked.memory(bench, tell)

    def rest(self):
        """Look at a worker without a job."""
        with self.bench(acted=True) as bench:
            return speed.at_rest(bench, tell)

    def overhead(self):
        """Hold a training as a job against the same training without DBOS."""
        with self.bench() as bench:
            return speed.overhead(bench, self.options.pairs, tell)

    def events(self):
        """Watch a job through the service."""
        with self.bench() as bench:
            return speed.events(bench, tell)

    @contextmanager
    def bench(self, *, acted=False, **settings):
        folder = self.folder / f"bench{self.n_benches + 1}"
        folder.mkdir()
        script = acting.Script(folder / "script") if acted else None
        address = self.new_address(folder)
        with Bench.opened(address, folder, script=script, **settings) as bench:
            yield bench
        shutil.rmtree(folder)

    def new_address(self, folder=None):
        """Make a database of its own; SQLite's file is in the folder."""
        self.n_benches += 1
        name = f"bench{self.n_benches}"
        if self.database == "sqlite":
            return f"sqlite:///{(folder or self.folder) / f'{name}.db'}"
        self.postgres.execute(f"CREATE DATABASE {name}")
        return self.postgres.address(name)


PARTS = (
    "kills", "cancels", "many", "away", "mlflow", "disk", "memory", "rest", "overhead", "events",
)  # fmt: skip


def tell(line):
    print(f"  {time.strftime('%H:%M:%S')} {line}", flush=True)


def exit_code(arguments):
    """Do the parts; 1 where anything broke."""
    return 1 if main(arguments) else 0


def main(arguments):
    """Do the parts; give the sentences of what broke."""
    options = _options(arguments)
    acting.PATIENCE_SECONDS = PATIENCE_SECONDS
    broken = []
    with (
        tempfile.TemporaryDirectory(prefix="cupromark-soak-") as folder,
        running_postgres(find_postgres()) as postgres,
    ):
        soak = Soak(options, Path(folder), postgres)
        for name in options.parts or PARTS:
            for soak.database in _databases(name, options.database):
                broken += _do(f"{name}, {soak.database}", getattr(soak, name))
    return broken


def _databases(name, asked):
    if name in ON_POSTGRES_ALONE:
        return ("postgres",)
    if asked is not None:
        return (asked,)
    return DATABASES[:1] if name in ON_EITHER else DATABASES


def _do(name, part):
    began = time.monotonic()
    print(f"{name}: {part.__doc__}", flush=True)
    breaks = part()
    for one in breaks:
        print(f"BREAK {one}")
    print(f"  breaks: {len(breaks)}; {time.monotonic() - began:.0f} s", flush=True)
    return breaks


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--database", choices=DATABASES, help="both when none is named")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--cancels", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--disks", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--away-seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(exit_code(sys.argv[1:]))
