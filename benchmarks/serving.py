"""The service against what a user would run instead, each in turn on one core, load from the other.

`.venv/bin/python benchmarks/serving.py [--seconds 4] [--drugs 271] [--rounds 3]`

Every server answers the same profile(s) of 150 genes. Peers serve XGBoost models of 300 trees of
depth 4 and check nothing; the service checks names, ranges, the key and the limits. Rows are taken
in rounds, all servers in each round, and the medians over the rounds are printed with their ratios,
because machines are shared and drift. MLServer has an environment of its own: `make peers`.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

import numpy as np  # noqa: E402
from serving_parts.load import Load  # noqa: E402
from serving_parts.made_up import (  # noqa: E402
    make_profiles,
    train_boosters,
    write_made_up_bundle,
)

SERVER_CORE, LOAD_CORE = 0, 1
JSON_HEAD = "Content-Type: application/json\r\n"
QUIET = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
}


@dataclass(frozen=True)
class Question:
    """One request that a server is asked again and again."""

    server: str
    what: str
    path: str
    body: bytes
    head: str = JSON_HEAD
    n_connections: int = 8


@dataclass(frozen=True)
class Server:
    """How a server is started, and how to see that it answers."""

    name: str
    command: tuple[str, ...]
    port: int
    ready: str
    questions: tuple[Question, ...]
    environment: dict[str, str] | None = None


def main():
    options = _options()
    with tempfile.TemporaryDirectory(prefix="cupromark-bench-") as scratch:
        work = Path(scratch)
        servers = _servers(work, options)
        found = {}
        for number in range(options.rounds):
            for server in servers:
                _note(f"round {number + 1} of {options.rounds}: {server.name}")
                for key, value in _measure(server, work, options.seconds).items():
                    found.setdefault(key, []).append(value)
    medians = {key: _median(values) for key, values in found.items()}
    _print_rows(medians)
    _print_ratios(medians)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of load for every figure")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--drugs", type=int, default=271)
    parser.add_argument("--genes", type=int, default=150)
    parser.add_argument("--without", default="", help="servers to leave out, parted by commas")
    return parser.parse_args()


def _servers(work, options):
    profiles = make_profiles(options.genes)
    train_boosters(profiles.to_numpy(), work / "boosters", options.drugs)
    (work / "one").mkdir()
    shutil.copy(work / "boosters" / "000.ubj", work / "one")
    rows = profiles.to_numpy()[:64].round(4).astype(float)
    makers = {
        "cupromark": lambda: _cupromark(work, profiles, rows, options),
        "cupromark with trees": lambda: _cupromark_trees(work, profiles, rows),
        "FastAPI for speed": lambda: _fastapi(work, rows),
        "MLServer": lambda: _mlserver(work, rows),
        "mlflow models serve": lambda: _mlflow(work, rows),
    }
    left_out = {name.strip() for name in options.without.split(",")}
    return [make() for name, make in makers.items() if name not in left_out]


def _cupromark(work, profiles, rows, options):
    folder = work / "bundle"
    write_made_up_bundle(profiles, folder, options.drugs, with_trees=False)
    port, key = _free_port(), _make_key(work / "store")
    head = f"{JSON_HEAD}Authorization: Bearer {key}\r\n"
    name = "cupromark"

    def ask(what, path, n_rows, **more):
        body = {"scale": "rma_log2", "genes": list(profiles.columns)}
        body |= {"values": rows[:n_rows].tolist(), **more}
        return Question(name, what, path, json.dumps(body).encode(), head)

    every = {"drugs": [f"Drug {number}" for number in range(options.drugs)]}
    return Server(
        name,
        _serve_command(folder, work / "store", port),
        port,
        "/service-info",
        (
            ask("one drug, 1 profile", "/v1/predictions", 1, drugs=["Drug 0"]),
            ask("one drug, 64 profiles", "/v1/predictions", 64, drugs=["Drug 0"]),
            ask("all drugs, 1 profile", "/v1/predictions", 1, **every),
            ask("all drugs, 64 profiles", "/v1/predictions", 64, **every),
            ask("explain all drugs, 1 profile", "/v1/explanations", 1, **every, top=10),
        ),
    )


def _cupromark_trees(work, profiles, rows):
    folder = work / "bundle-of-trees"
    write_made_up_bundle(profiles, folder, 1, with_trees=True)
    port, key = _free_port(), _make_key(work / "store")
    head = f"{JSON_HEAD}Authorization: Bearer {key}\r\n"
    body = {"scale": "rma_log2", "genes": list(profiles.columns), "drugs": ["Drug 0"]}
    questions = tuple(
        Question(
            "cupromark with trees",
            what,
            "/v1/predictions",
            json.dumps({**body, "values": rows[:n].tolist()}).encode(),
            head,
        )
        for what, n in (("one drug, 1 profile", 1), ("one drug, 64 profiles", 64))
    )
    command = _serve_command(folder, work / "store", port)
    return Server("cupromark with trees", command, port, "/service-info", questions)


def _serve_command(folder, store, port):
    program = str(Path(sys.executable).with_name("cupromark"))
    served = ("--bundle", str(folder), "--state", str(store))
    return (program, "serve", "--port", str(port), *served)


def _make_key(store):
    program = str(Path(sys.executable).with_name("cupromark"))
    made = subprocess.run(
        [
            program,
            "keys",
            "create",
            "--name",
            "load",
            "--scope",
            "predict",
            "--state",
            str(store),
            "--json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(made.stdout)["key"]


def _fastapi(work, rows):
    port = _free_port()
    program = str(HERE / "serving_parts" / "peer_fastapi.py")

    def ask(what, path, n_rows):
        body = json.dumps({"values": rows[:n_rows].tolist()}).encode()
        return Question("FastAPI for speed", what, path, body)

    return Server(
        "FastAPI for speed",
        (sys.executable, program, str(port), str(work / "boosters")),
        port,
        "/ready",
        (
            ask("one drug, 1 profile", "/one", 1),
            ask("one drug, 64 profiles", "/one", 64),
            ask("all drugs, 1 profile", "/all", 1),
            ask("all drugs, 64 profiles", "/all", 64),
            ask("explain all drugs, 1 profile", "/explain", 1),
        ),
    )


def _mlserver(work, rows):
    folder, port = work / "mlserver", _free_port()
    folder.mkdir()
    shutil.copy(HERE / "serving_parts" / "peer_mlserver.py", folder)
    settings = {"http_port": port, "parallel_workers": 0, "debug": False}
    settings |= {"grpc_port": _free_port(), "metrics_port": _free_port(), "host": "127.0.0.1"}
    (folder / "settings.json").write_text(json.dumps(settings))
    for name, models in (("one", "one"), ("all", "boosters")):
        (folder / name).mkdir()
        content = {"name": name, "implementation": "peer_mlserver.Boosters"}
        content["parameters"] = {"uri": str(work / models)}
        (folder / name / "model-settings.json").write_text(json.dumps(content))

    def ask(what, model, n_rows):
        tensor = {"name": "input", "datatype": "FP32", "shape": [n_rows, rows.shape[1]]}
        body = {"inputs": [{**tensor, "data": rows[:n_rows].ravel().tolist()}]}
        return Question("MLServer", what, f"/v2/models/{model}/infer", json.dumps(body).encode())

    program = str(_peer_python().with_name("mlserver"))
    return Server(
        "MLServer",
        (program, "start", str(folder)),
        port,
        "/v2/health/ready",
        (
            ask("one drug, 1 profile", "one", 1),
            ask("one drug, 64 profiles", "one", 64),
            ask("all drugs, 1 profile", "all", 1),
            ask("all drugs, 64 profiles", "all", 64),
        ),
        {"PYTHONPATH": str(folder)},
    )


def _mlflow(work, rows):
    os.environ.update(QUIET)
    import mlflow

    port, folder = _free_port(), work / "mlflow"
    mlflow.pyfunc.save_model(
        str(folder),
        python_model=str(HERE / "serving_parts" / "peer_mlflow.py"),
        artifacts={"models": str(work / "boosters")},
        pip_requirements=["numpy", "xgboost"],
    )

    def ask(what, n_rows):
        body = json.dumps({"inputs": rows[:n_rows].tolist()}).encode()
        return Question("mlflow models serve", what, "/invocations", body)

    command = (sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder))
    return Server(
        "mlflow models serve",
        (*command, "--env-manager", "local", "-p", str(port), "-w", "1"),
        port,
        "/ping",
        (ask("all drugs, 1 profile", 1), ask("all drugs, 64 profiles", 64)),
    )


def _peer_python():
    python = ROOT / ".venv-peers" / "bin" / "python"
    if not python.exists():
        raise SystemExit(
            "MLServer is not installed: run `make peers`, or leave it out: --without MLServer"
        )
    return python


def _measure(server, work, seconds):
    """(server, what) -> figures of one round."""
    found = {}
    with _running(server, work) as process:
        found[server.name, "first answer, s"] = process["first_answer_s"]
        for question in server.questions:
            before = _cpu_seconds(process["pid"])
            figure = _load(question, server.port, work, seconds)
            spent = _cpu_seconds(process["pid"]) - before
            figure["cpu_ms"] = 1000 * spent / max(1, figure.pop("n_sent"))
            found[server.name, question.what] = figure
            if question.what == "one drug, 1 profile":
                found[server.name, "resident MB"] = _resident_mb(process["pid"])
    return found


@contextmanager
def _running(server, work):
    log = work / "server.log"  # a pipe that nobody empties would stop a server that logs
    started = time.perf_counter()
    process = subprocess.Popen(
        server.command,
        env={**QUIET, **(server.environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=log.open("wb"),
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        start_new_session=True,
    )
    try:
        yield {"first_answer_s": _until_ready(server, process, started, log), "pid": process.pid}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until_ready(server, process, started, log, patience_seconds=60):
    url = f"http://127.0.0.1:{server.port}{server.ready}"
    while time.perf_counter() - started < patience_seconds:
        if process.poll() is not None:
            raise RuntimeError(f"{server.name} ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.perf_counter() - started
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise RuntimeError(f"{server.name} did not answer within {patience_seconds} s")


def _load(question, port, work, seconds):
    body, spec = work / "body.json", work / "load.json"
    body.write_bytes(question.body)
    load = Load(
        port=port,
        path=question.path,
        head=question.head,
        body_file=str(body),
        n_connections=question.n_connections,
        warm_seconds=1.0,
        seconds=seconds,
        core=LOAD_CORE,
    )
    spec.write_text(json.dumps(asdict(load)))
    command = [sys.executable, str(HERE / "serving_parts" / "load.py"), str(spec)]
    done = subprocess.run(command, check=True, env=QUIET, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def _resident_mb(pid):
    """Resident memory of the process that answers: the largest of the group that listens."""
    sizes = []
    for one in _family(pid):
        status = Path(f"/proc/{one}/status")
        command = Path(f"/proc/{one}/cmdline").read_bytes()
        if status.exists() and b"fetcher" not in command:
            line = next((x for x in status.read_text().splitlines() if x.startswith("VmRSS")), "")
            sizes.append(int(line.split()[1]) / 1024 if line else 0.0)
    return max(sizes)


def _cpu_seconds(pid):
    """CPU time that a server has taken, which a busy machine distorts less than the clock."""
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _median(values):
    if isinstance(values[0], dict):
        return {name: statistics.median(one[name] for one in values) for name in values[0]}
    return statistics.median(values)


def _print_rows(medians):
    print("| server | question | requests/s | p50 ms | p99 ms | CPU ms a request | failed |")
    print("|---|---|---|---|---|---|---|")
    for (server, what), figure in medians.items():
        if isinstance(figure, dict):
            cells = (figure["requests_per_second"], figure["p50_ms"], figure["p99_ms"])
            shown = " | ".join(f"{value:,.1f}" for value in cells)
            cpu = f"{figure['cpu_ms']:,.3f}"
            print(f"| {server} | {what} | {shown} | {cpu} | {figure['n_failed']:.0f} |")
    print("\n| server | first answer, s | resident MB (one drug) |\n|---|---|---|")
    for server in dict.fromkeys(server for server, _ in medians):
        memory = medians.get((server, "resident MB"), float("nan"))
        print(f"| {server} | {medians[server, 'first answer, s']:.2f} | {memory:.0f} |")


def _print_ratios(medians):
    def rate(server, what):
        figure = medians.get((server, what))
        return figure["requests_per_second"] if figure else float("nan")

    one, every, explain = (
        "one drug, 1 profile",
        "all drugs, 1 profile",
        "explain all drugs, 1 profile",
    )
    us, fast = "cupromark", "FastAPI for speed"
    wanted = (
        ("one drug, against FastAPI for speed", rate(us, one) / rate(fast, one), 2),
        (
            "one drug of trees, against the same",
            rate("cupromark with trees", one) / rate(fast, one),
            2,
        ),
        ("one drug, against MLServer", rate(us, one) / rate("MLServer", one), 4),
        ("all drugs, against FastAPI's one drug", rate(us, every) / rate(fast, one), 0.5),
        ("all drugs, against MLServer's all", rate(us, every) / rate("MLServer", every), 20),
        ("all drugs, against mlflow's", rate(us, every) / rate("mlflow models serve", every), 20),
        (
            "explaining, against xgboost's contributions",
            rate(us, explain) / rate(fast, explain),
            15,
        ),
    )
    print("\n| ratio of requests/s | found | goal |\n|---|---|---|")
    for what, found, goal in wanted:
        print(f"| {what} | {found:.2f} | {goal} |")


def _note(sentence):
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
