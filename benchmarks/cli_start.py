"""How soon the command line answers: `cupromark --help` beside `mlflow --help` and a bare NumPy.

Run: python benchmarks/cli_start.py [--repeats 7]
Goal on two cores: `cupromark --help` under 0.5 s.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
COMMANDS: dict[str, tuple[str, ...]] = {
    "cupromark --help": (str(BIN / "cupromark"), "--help"),
    "cupromark predict --help": (str(BIN / "cupromark"), "predict", "--help"),
    "mlflow --help": (str(BIN / "mlflow"), "--help"),
    'python -c "import numpy"': (sys.executable, "-c", "import numpy"),
}
OURS = "cupromark --help"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="runs of each command, in turn")
    repeats = parser.parse_args().repeats
    seconds = measure(COMMANDS, repeats)
    ours = statistics.median(seconds[OURS])
    print(f"{'':26}{'median s':>10}{'fastest':>10}{'slowest':>10}{'x ours':>8}")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(
            f"{name:26}{median:10.2f}{min(times):10.2f}{max(times):10.2f}{median / ours:8.1f}",
        )


def measure(commands: Mapping[str, Sequence[str]], repeats: int) -> dict[str, list[float]]:
    """Run the commands in turn, so that a busy minute strikes all alike; one warm-up each."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(repeats + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            if number:
                seconds[name].append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    main()
