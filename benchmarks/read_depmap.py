"""Reading a DepMap-layout CSV of 500 MB: seconds and peak memory, beside pandas.read_csv.

Run: python benchmarks/read_depmap.py [--megabytes 500]
Goal on two cores: under 20 s and under 3,000 MB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

N_GENES = 19_000
BYTES_PER_CELL = 8.4

READ_OURS = """
from features.reading import read_expression
shape = read_expression(path, scale="log2_tpm", format="depmap").values.shape
"""
READ_PANDAS = """
import pandas
shape = pandas.read_csv(path, index_col=0).shape
"""
MEASURED = """
import json, resource, sys, time
path = sys.argv[1]
started = time.perf_counter()
{read}
seconds = time.perf_counter() - started
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(dict(seconds=seconds, peak_mb=peak_mb, shape=shape)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    megabytes = parser.parse_args().megabytes
    with tempfile.TemporaryDirectory() as folder:
        path = write_depmap_file(Path(folder), megabytes * 1_000_000)
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {N_GENES:,} genes")
        path.read_bytes()  # both find it in the page cache
        ours = measure(READ_OURS, path)
        peer = measure(READ_PANDAS, path)
    print(f"{'':22}{'seconds':>9}{'peak MB':>10}")
    for name, figures in (("features.reading", ours), ("pandas.read_csv", peer)):
        print(f"{name:22}{figures['seconds']:9.1f}{figures['peak_mb']:10,.0f}")
    print(
        f"ratio to the peer: {peer['seconds'] / ours['seconds']:.1f} times as fast, "
        f"{ours['peak_mb'] / peer['peak_mb']:.2f} of its memory"
    )


def write_depmap_file(folder: Path, n_bytes: int) -> Path:
    """Write models as rows and `SYMBOL (entrez)` columns until the size is reached."""
    rng = np.random.default_rng(0)
    path = folder / "OmicsExpressionProteinCodingGenesTPMLogp1.csv"
    panel = ["FDX1 (2230)", "LIAS (11019)", "DLAT (1737)"]
    others = [f"GENE{n} ({900_000 + n})" for n in range(N_GENES - len(panel))]
    n_models = int(n_bytes / (N_GENES * BYTES_PER_CELL))
    with path.open("w", encoding="utf-8") as stream:
        stream.write("," + ",".join([*panel, *others]) + "\n")
        for model in range(n_models):
            values = np.log2(rng.gamma(0.5, 20.0, N_GENES) + 1)
            cells = ",".join(map("{:.6f}".format, values.tolist()))
            stream.write(f"ACH-{model:06d},{cells}\n")
    return path


def measure(read: str, path: Path) -> dict[str, float]:
    """Run one reader in a process of its own."""
    program = MEASURED.format(read=read)
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
