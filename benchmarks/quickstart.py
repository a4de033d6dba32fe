"""`cupromark quickstart` from start to end: seconds and peak memory.

Run: python benchmarks/quickstart.py
Goal on two cores: under 3 minutes. Data come from the mirror, the cache or their publishers, so the
first run on a machine may be mostly download. There is no peer that does the same job; see
train_all_drugs.py for the part that learns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from train_all_drugs import watched


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as store:
        command = [str(Path(sys.executable).with_name("cupromark")), "quickstart", "--json"]
        cost, answer = watched([*command, "--store", store])
    result = json.loads(answer)
    print(f"cohort {result['cohort']}{' (SIMULATED)' if result['simulated'] else ''}")
    print(f"{'drugs':>6}{'seconds':>9}{'peak MB':>9}{'mean roc_auc':>14}{'lineage alone':>15}")
    print(
        f"{len(result['drugs']):6}{cost.seconds:9.1f}{cost.peak_mb:9,.0f}"
        f"{result['mean_roc_auc']:14.3f}{result['mean_lineage_roc_auc']:15.3f}"
    )


if __name__ == "__main__":
    main()
