"""The live shadow: what callers notice of it, in latency, throughput and memory.

Run: python benchmarks/serving_parts/shadow.py [--seconds 6 --rounds 3]

Two made-up bundles of 271 drugs are registered, one as champion, one as challenger. A service
process on core 0 answers single profiles, the load comes from core 1; shares take turns. `full`
sends as many requests as four connections can, `steady` waits 10 ms before each. Processor time a
request says what the shadow costs also where other programs keep the cores busy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
from made_up import make_profiles, write_made_up_bundle
from sqlalchemy import create_engine

from models.bundle_files import load_bundle
from models.compiled import CompiledBundle
from models.store import local_store
from serving.bundles.holder import Progress, ServedBundles
from serving.bundles.messages import KnownVersion
from serving.bundles.served import ServedBundle
from serving.database.engine import Database
from serving.predictions.profiles import Profiles
from serving.predictions.putting import put_question
from serving.predictions.question import Question
from serving.request_context import RequestContext
from serving.reviews.approval_cache import ApprovalCache
from serving.shadow.asked import ShadowAsked
from serving.shadow.challenger import ChallengerInMemory
from serving.shadow.opening import Shadow
from serving.shadow.recorder import ShadowRecorder

SHARES = (0.0, 0.1, 1.0)
N_DRUGS = 271
N_PARTS = 200  # fewer than may wait
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        question = make_store(Path(work))
        measure_parts(Path(work))
        rows: dict[tuple[float, str], list[dict[str, float]]] = {}
        for _ in range(given.rounds):
            for share in SHARES:
                for kind, row in measure(Path(work), question, share, given.seconds).items():
                    rows.setdefault((share, kind), []).append(row)
    for (share, kind), measured in sorted(rows.items(), key=lambda one: one[0][::-1]):
        medians = {name: statistics.median(row[name] for row in measured) for name in measured[0]}
        words = "  ".join(f"{name} {value:.2f}" for name, value in medians.items())
        sys.stdout.write(f"{kind:<7} share {share:<4} {words}\n")


def make_store(work: Path) -> Path:
    """Register two bundles; where the question is."""
    store = local_store(work / "var")
    for number, seed in enumerate((0, 1)):
        profiles = make_profiles(150, seed=seed)
        write_made_up_bundle(profiles, work / str(number), N_DRUGS, with_trees=False)
        store.register(work / str(number))
        if not number:
            store.promote("1")
    reference = load_bundle(work / "0").features.reference_
    question = {
        "genes": list(reference.genes),
        "values": [[round(float(value), 3) for value in reference.location]],
        "scale": "rma_log2",
    }
    (work / "question.json").write_text(json.dumps(question))
    return work / "question.json"


def measure_parts(work: Path) -> None:
    """Say what handing over costs a request, and what the thread does, in processor time."""
    champion, challenger = (
        ServedBundle(CompiledBundle(load_bundle(work / name)), name, name * 64, "store", 0.0)
        for name in "01"
    )
    bundles = ServedBundles()
    bundles.serve(champion)
    bundles.keep(challenger)
    bundles.note(Progress(versions=(KnownVersion("1", "1" * 64, ("challenger",), 0.0, {}),)))
    following, approvals = ChallengerInMemory(bundles), ApprovalCache(NOWHERE, n_people=1)
    following.look()
    recorder = ShadowRecorder(NOWHERE, following, approvals, clock=time.time, store_seconds=30)
    shadow = Shadow(0.5, recorder, following)
    reference = champion.bundle.bundle.features.reference_
    noise = np.random.default_rng(0).normal(size=(N_PARTS, len(reference.genes)))
    given, answering = [], 0.0
    for row in noise:
        values = (reference.location + reference.scale * row)[None]
        question = Question(
            Profiles(list(reference.genes), values, ("s",)), "rma_log2", None, 0.8, "auto", None
        )
        began = time.thread_time()
        answers = put_question(question, champion.bundle, None)
        answering += time.thread_time() - began
        given.append((question, answers))
    began = time.thread_time()
    for number, (question, answers) in enumerate(given):
        context = RequestContext(f"request {number}", status=200)
        shadow.chooses(context, champion)
        context.shadow = ShadowAsked(question, champion, answers, 0.0)
        shadow.record({}, context, 0.0, 0)
    taken = time.thread_time() - began
    began = time.thread_time()
    recorder.answer_waiting()
    thread = time.thread_time() - began
    sys.stdout.write(
        f"processor time a request: answer {1e6 * answering / N_PARTS:.0f} us, handing over "
        f"{1e6 * taken / N_PARTS:.1f} us, in the thread {1e6 * thread / N_PARTS:.0f} us\n"
    )


def measure(
    work: Path, question: Path, share: float, seconds: float
) -> dict[str, dict[str, float]]:
    """Start a service with a share, and ask it."""
    environment = os.environ | {
        "CUPROMARK_SERVE_SHADOW_SHARE": str(share),
        "CUPROMARK_SERVE_LOG_LEVEL": "error",
        "OMP_NUM_THREADS": "1",
    }
    command = ["taskset", "-c", "0", sys.executable, "-m", "cupromark", "serve", "--port", "0"]
    command += [
        "--open-mode",
        "--json",
        "--store",
        str(work / "var"),
        "--state",
        str(work / "state"),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline()
                if not line:
                    raise SystemExit("the service did not start")
                said += line
            address = json.loads(said)["address"]
            wait_until_ready(address, question, share)
            before, used = requests_of(address), processor_seconds(process.pid)
            found = {"full": load(address, question, seconds)}
            used = processor_seconds(process.pid) - used
            found["full"]["processor_ms"] = 1e3 * used / found["full"].pop("n_sent")
            found["steady"] = asyncio.run(steady(address, question, seconds))
            after = requests_of(address)
            found["steady"]["resident_mb"] = resident_mb(process.pid)
            for name in ("answered", "dropped"):
                found["steady"][name] = after.get(name, 0) - before.get(name, 0)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    return found


def wait_until_ready(address: str, question: Path, share: float) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        answer = httpx.post(
            f"{address}/v1/predictions", content=question.read_bytes(), headers=JSON
        )
        state = httpx.get(f"{address}/v1/shadow").json()["state"]
        if answer.status_code == 200 and state == ("on" if share else "off"):
            return
        time.sleep(0.2)
    raise SystemExit("the service was not ready in time")


def requests_of(address: str) -> dict[str, int]:
    found: dict[str, int] = httpx.get(f"{address}/v1/shadow").json()["requests"]
    return found


def load(address: str, question: Path, seconds: float) -> dict[str, float]:
    """Ask as fast as it goes, over four connections."""
    spec = {
        "port": int(address.rpartition(":")[2]), "path": "/v1/predictions",
        "head": "Content-Type: application/json\r\n", "body_file": str(question),
        "n_connections": 4, "warm_seconds": 1.0, "seconds": seconds, "core": 1,
    }  # fmt: skip
    written = question.with_name("load.json")
    written.write_text(json.dumps(spec))
    script = Path(__file__).with_name("load.py")
    done = subprocess.run(
        [sys.executable, str(script), str(written)], capture_output=True, text=True, check=True
    )
    measured = json.loads(done.stdout)
    if measured["n_failed"]:
        raise SystemExit(f"{measured['n_failed']} requests failed: {done.stderr}")
    return {
        "p50_ms": measured["p50_ms"],
        "p99_ms": measured["p99_ms"],
        "per_second": measured["requests_per_second"],
        "n_sent": measured["n_sent"],
    }


async def steady(address: str, question: Path, seconds: float) -> dict[str, float]:
    """Ask over one connection, with a pause before each question."""
    taken, body = [], question.read_bytes()
    async with httpx.AsyncClient(base_url=address) as client:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(PAUSE_SECONDS)
            began = time.perf_counter()
            answer = await client.post("/v1/predictions", content=body, headers=JSON)
            taken.append(1e3 * (time.perf_counter() - began))
            answer.raise_for_status()
    taken.sort()
    return {"p50_ms": taken[len(taken) // 2], "p99_ms": taken[int(0.99 * len(taken))],
            "per_second": len(taken) / seconds}  # fmt: skip


def processor_seconds(pid: int) -> float:
    """Give the processor time of the service, without the process that watches the store."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) / 1000


NOWHERE = Database(create_engine("sqlite://"))  # never reached for
JSON = {"Content-Type": "application/json"}

if __name__ == "__main__":
    main()
