# ruff: noqa: T201 - a program that prints its figures
"""`make soak ARGS=jobs`: faults of the jobs that take too long for `make test`, with figures.

Ends with exit code 1 where a job was lost, did not end as it should or registered twice.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.faults.bench import Bench
from tests.end_to_end.faults.kills import kill_often

HEARTBEAT_SECONDS = 3


@contextmanager
def bench_in_scratch(name, address=None, **settings):
    with tempfile.TemporaryDirectory(prefix=f"cupromark-{name}-") as scratch:
        folder = Path(scratch)
        given = {"heartbeat_seconds": HEARTBEAT_SECONDS, **settings}
        with Bench.opened(address or f"sqlite:///{folder / 'jobs.db'}", folder, **given) as bench:
            yield bench


def kills(options):
    """Kill workers at random moments of real jobs."""
    rng = random.Random(options.seed)  # noqa: S311 - moments, no secrets
    with bench_in_scratch("kills") as bench:
        found = kill_often(bench, options.kills, rng, tell=tell)
    for line in found.lines():
        print(f"  {line}")
    return found.breaks


PARTS: dict[str, Callable] = {"kills": kills}


def tell(line):
    print(f"    {time.strftime('%H:%M:%S')} {line}", flush=True)


def main(arguments=None):
    """Do the parts; give the sentences of what broke."""
    options = _options(arguments)
    broken = []
    for name in options.parts or PARTS:
        began = time.monotonic()
        print(f"{name}: {PARTS[name].__doc__}", flush=True)
        breaks = PARTS[name](options)
        for one in breaks:
            print(f"BREAK {one}")
        print(f"  breaks: {len(breaks)}; {time.monotonic() - began:.0f} s", flush=True)
        broken += breaks
    return broken


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when none is named")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
