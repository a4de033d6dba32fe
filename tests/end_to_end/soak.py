# ruff: noqa: T201 - a program that prints its figures
"""`make soak`: what takes too long for `make test`, with the figures that came of it.

At least 10,000 requests made up from the OpenAPI file, then ten minutes of load, on one running
service of a made-up bundle, with authentication on. Ends with exit code 1 where an answer was a
fault of the service (5xx) or broke the schema, a request was not answered, or memory grew.

`make soak ARGS=jobs` does the faults of the jobs instead (`soak_jobs.py`, whose options may
follow); `make soak ARGS=all` does both.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from models.bundle_files import write_bundle
from tests.end_to_end import soak_jobs
from tests.end_to_end.running_service import load_make_bundle, make_keys, question_of, serving
from tests.end_to_end.schema_cases import run_cases
from tests.end_to_end.service_load import load_on

N_THREADS = 8
MOST_MIB_MORE = 8.0


def main():
    if sys.argv[1:2] == ["jobs"]:
        sys.exit(soak_jobs.exit_code(sys.argv[2:]))
    broken = soak_jobs.main([]) if sys.argv[1:2] == ["all"] else []
    options = _options()
    bundle = load_make_bundle()()
    with tempfile.TemporaryDirectory(prefix="cupromark-soak-") as scratch:
        folder, state = Path(scratch) / "bundle", Path(scratch) / "state"
        write_bundle(bundle, folder)
        with serving(state, make_keys(state), "--bundle", folder) as service:
            fine = _ask_made_up_cases(service, options)
            fine &= _load(service, question_of(bundle), options.seconds)
            code = service.end()
            print(f"Ended with exit code {code}.")
    sys.exit(0 if fine and code == 0 and not broken else 1)


def _ask_made_up_cases(service, options):
    began = time.monotonic()
    found = run_cases(service, n_cases=options.cases, random_seed=options.seed)
    print(f"{found.n_cases:,} cases, {time.monotonic() - began:.0f} s, seed {options.seed}")
    for status, number in found.by_status.items():
        print(f"  {status}: {number:,}")
    for route in sorted({route for route, _ in found.statuses}):
        counts = {s: n for (r, s), n in sorted(found.statuses.items()) if r == route}
        print(f"  {route}: {', '.join(f'{s} {n:,}' for s, n in counts.items())}")
    for place, failure in found.failures.items():
        print(f"BREAK {place}: {failure}")
    print(f"Breaks of the schema, and faults: {len(found.failures)}", flush=True)
    return not found.failures


def _load(service, question, seconds):
    key = service.keys["predict"]
    with load_on(service.address, "/v1/predictions", question, key=key, n_threads=N_THREADS):
        time.sleep(min(10, seconds))
    before = service.resident_mib
    with load_on(
        service.address, "/v1/predictions", question, key=key, n_threads=N_THREADS
    ) as load:
        time.sleep(seconds)
    after, answered = service.resident_mib, len(load.of(200))
    print(f"{answered:,} of {len(load.outcomes):,} requests answered in {seconds:.0f} s of load")
    print(f"Resident memory: {before:.1f} MiB before, {after:.1f} MiB after", flush=True)
    return answered == len(load.outcomes) and after - before < MOST_MIB_MORE


def _options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="?", choices=("service", "jobs", "all"), default="service")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
