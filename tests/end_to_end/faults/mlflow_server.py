"""MLflow's own server as a process that comes and goes."""

import subprocess
import sys
from contextlib import contextmanager

import httpx

from tests.training.jobs.acting import until


@contextmanager
def mlflow_at(port, folder):
    """Run it until the block ends."""
    folder.mkdir()
    command = [
        sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        try:
            until(lambda: _answers(port), "MLflow answers")
            yield
        finally:
            process.terminate()
            process.wait()


def _answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    except httpx.TransportError:
        return False
