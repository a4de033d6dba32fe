"""Starts what docker-compose.yml describes, without containers: each service's own command with
its own environment, on loopback. Only addresses and folders are rewritten, all of it in `Places`.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.deployment.compose_file import ROOT, Service
from tests.ports import free_port
from tests.postgres import find_postgres, unprivileged_user

BIN = Path(sys.executable).parent
PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Places:
    """Where the services are instead: the one place that says so.

    Attributes
    ----------
    folder
        Takes the part of every volume.
    ports
        Port on loopback by the service's own address, such as mlflow:5000.
    """

    folder: Path
    ports: Mapping[str, int]

    def of(self, service: Service) -> dict[str, str]:
        """Environment of a service, its addresses and folders rewritten."""
        return {n: self.rewritten(service, v) for n, v in service.environment.items()}

    def rewritten(self, service: Service, text: str) -> str:
        own = f"{service.name}:"
        for address, port in self.ports.items():
            text = re.sub(rf"\b{re.escape(address)}\b", f"127.0.0.1:{port}", text)
            if address.startswith(own):
                text = re.sub(rf"^{address.removeprefix(own)}$", str(port), text)
                text = text.replace(f"127.0.0.1:{address.removeprefix(own)}", f"127.0.0.1:{port}")
        text = text.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        text = text.replace("/opt/cupromark/deploy", str(ROOT / "deploy"))
        text = text.replace("/var/cache/cupromark", str(self.folder / "downloads"))
        return text.replace("/var/lib/cupromark", str(self.folder / service.name))


@dataclass
class Composition:
    """The services that run, by name."""

    services: Mapping[str, Service]
    places: Places
    postgres: Path
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def address(self, at: str) -> str:
        return f"http://127.0.0.1:{self.places.ports[at]}"

    def command(self, name: str) -> list[str]:
        """Words that a container of the service would run."""
        about = self.services[name].about
        words = [*about.get("entrypoint", entrypoint_of_image()), *about.get("command", [])]
        words = [self.places.rewritten(self.services[name], word) for word in words]
        program = {"python": sys.executable, "cupromark": str(BIN / "cupromark")}
        return [program[words[0]], *words[1:]]

    def environment(self, name: str) -> dict[str, str]:
        """What a container of the service would see, and where this machine's programs are."""
        home = self.places.folder / name
        home.mkdir(parents=True, exist_ok=True)  # the folder in which a container's commands run
        base = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(self.places.folder)}
        return environment_of_image() | base | self.places.of(self.services[name])

    def log(self, name: str) -> str:
        return (self.places.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def start(self, name: str, *, ready: Callable[[], bool] | None = None, replica: int = 1) -> str:
        """Start a service, and wait until it is ready, or has ended by itself.

        A further replica of it has the same environment and volumes; gives the name of this one.
        """
        started = name if replica == 1 else f"{name}-{replica}"
        with (self.places.folder / f"{started}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                self.command(name),
                env=self.environment(name),
                cwd=self.places.folder / name,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes[started] = process
        if ready is not None:
            wait_for(lambda: ready() or _ended_early(self, name, started), what=started)
        return started

    def execute(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a service's container, as `docker compose exec` does."""
        return subprocess.run(  # noqa: S603
            [str(BIN / words[0]), *words[1:]],
            env=self.environment(name),
            cwd=self.places.folder / name,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends by itself."""
        return subprocess.run(  # noqa: S603
            self.command(name),
            env=self.environment(name),
            cwd=self.places.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def end(self) -> None:
        for process in reversed(self.processes.values()):
            _end(process)


def entrypoint_of_image() -> list[str]:
    """ENTRYPOINT of the Dockerfile."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    found = re.findall(r'(?m)^ENTRYPOINT \["(\w+)"\]$', dockerfile)
    assert len(found) == 1
    return found


def environment_of_image() -> dict[str, str]:
    """ENV of the Dockerfile's last stage."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (declared,) = re.findall(r"(?m)^ENV ((?:.*\\\n)*.*)$", dockerfile.rpartition("\nFROM ")[2])
    set_by_it = dict(re.findall(r"(\w+)=(\S+)", declared))
    assert "PYTHONUNBUFFERED" in set_by_it
    return set_by_it


@contextmanager
def unstarted(services: Mapping[str, Service]) -> Iterator[Composition]:
    """Have places for the services, and everything ended afterwards; nothing runs yet."""
    addresses = ("postgres:5432", "objects:8333", "mlflow:5000", "api:8000")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cm-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        places = Places(folder, {name: free_port() for name in addresses})
        composition = Composition(services, places, folder / "pg")
        stack.callback(composition.end)
        yield composition


@contextmanager
def composed(services: Mapping[str, Service]) -> Iterator[Composition]:
    """Have Postgres and the object store of the file running, and everything ended afterwards."""
    with unstarted(services) as composition, _postgres(composition), _objects(composition):
        yield composition


def wait_for(is_so: Callable[[], bool], *, what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so; AssertionError when it takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what} was not ready within {seconds} s"
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether an address answers with 2xx."""
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def _postgres(composition: Composition) -> Iterator[None]:
    """Postgres with passwords over TCP, made by the very script that the container runs."""
    binaries = find_postgres()
    assert binaries is not None, "no Postgres on this machine"
    user, folder = unprivileged_user(), composition.postgres
    folder.mkdir(mode=0o755)
    if user:
        os.chown(folder, user["user"], user["group"])
    service = composition.services["postgres"]
    port = composition.places.ports["postgres:5432"]

    def call(*words: str) -> None:
        subprocess.run(  # noqa: S603
            [str(binaries / words[0]), *words[1:]],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, **user,
        )  # fmt: skip

    access = ("--auth-local=trust", "--auth-host=scram-sha-256")
    call("initdb", "-D", f"{folder}/data", "-U", "postgres", "-E", "UTF8", *access, "--no-sync")
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
    call("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        connection = {"PGHOST": str(folder), "PGPORT": str(port), "POSTGRES_USER": "postgres"}
        path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
        for script in sorted((ROOT / "deploy" / "postgres").iterdir()):
            subprocess.run(  # noqa: S603
                [str(script)],
                env={"PATH": path} | service.environment | connection,
                check=True,
            )
        yield
    finally:
        call("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")


@contextmanager
def _objects(composition: Composition) -> Iterator[None]:
    """Moto's S3 server in the place of SeaweedFS, which no Python index holds."""
    port = composition.places.ports["objects:8333"]
    with (composition.places.folder / "objects.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/moto-api/"), what="the object store")
        yield
    finally:
        _end(process)


def _ended_early(composition: Composition, name: str, started: str) -> bool:
    process = composition.processes[started]
    assert process.poll() is None, (
        f"{shlex.join(composition.command(name))} ended with {process.returncode}:\n"
        f"{composition.log(started)[-3000:]}"
    )
    return False


def _end(process: subprocess.Popen) -> None:
    for sign, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
        if process.poll() is None:
            os.killpg(process.pid, sign)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
    try:  # what the process left behind, such as workers of a server
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
