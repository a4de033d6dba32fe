"""A real Postgres for tests, started for as long as it is needed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg


def find_postgres() -> Path | None:
    """Find the folder of initdb and pg_ctl: on the path, or where Debian puts it."""
    on_path = shutil.which("pg_ctl")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


@dataclass
class Postgres:
    """A server of its own on a Unix socket, that can be stopped and started again."""

    binaries: Path
    folder: Path

    def run(self, *command: str) -> None:
        # Postgres refuses to run as root; the user postgres, or else nobody, is there for that.
        subprocess.run(  # noqa: S603
            [str(self.binaries / command[0]), *command[1:]],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **unprivileged_user(),
        )

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def address(self, name: str) -> str:
        return f"postgresql://tester@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def unprivileged_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def running_postgres(binaries: Path) -> Iterator[Postgres]:
    """Start a server that is gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes at most
    user = unprivileged_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    server = Postgres(binaries, folder)
    made = ("-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C", "--no-sync")
    server.run("initdb", "-D", str(folder / "data"), *made)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)
