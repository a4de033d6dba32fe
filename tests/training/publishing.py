"""A publisher of files on this machine: a test chooses its answers, and its bytes are counted."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHUNK = 1 << 12
DAY = 86_400


@dataclass
class Published:
    """A file as it is served now."""

    content: bytes
    release: int = 0
    etag: bool = False
    date: bool = False
    size: bool = True
    ranges: bool = True
    status: int = 200
    resets: bool = False  # the connection, without a word
    breaks_after: int | None = None  # bytes of a whole file, once
    then: bytes | None = None  # what is there after it broke off

    def validators(self) -> dict[str, str]:
        told = {}
        if self.etag:
            told["ETag"] = f'"release {self.release}"'
        if self.date:
            told["Last-Modified"] = formatdate(1_700_000_000 + self.release * DAY, usegmt=True)
        return told

    def publish(self, content: bytes) -> None:
        """Bring out a new release."""
        self.content, self.release = content, self.release + 1


@dataclass
class Publisher:
    """Serves files by path; `close` makes it unreachable."""

    files: dict[str, Published] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    n_bytes: int = 0

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"publisher": self})
        self.server: Any = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self.server.shutdown()
            self._thread.join()
            self.server.server_close()

    def bytes_of(self, ask: Any) -> tuple[Any, int]:
        """Do something; how many bytes of files were sent meanwhile."""
        before = self.n_bytes
        done = ask()
        return done, self.n_bytes - before

    def mirror(self, contents: dict[str, bytes]) -> None:
        """Serve these files below /mirror, with their manifest."""
        listing = [
            {"file": path, "sha256": sha256_of(content), "bytes": len(content), "complete": True}
            for path, content in contents.items()
        ]
        served = {**contents, "MANIFEST.json": json.dumps({"files": listing}).encode()}
        for path, content in served.items():
            self.files[f"/mirror/{path}"] = Published(content)


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def do_GET(self) -> None:
        file = self.publisher.files[self.path]
        self.publisher.asked.append((self.path, dict(self.headers)))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
        if file.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        told = file.validators()
        known = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if file.status != 200:
            self._head(file.status, {"Content-Length": "0"})
        elif (known[0] or known[1]) in told.values():
            self._head(304, told)
        else:
            self._send(file, told)

    def _send(self, file: Published, told: dict[str, str]) -> None:
        content, start, status = file.content, 0, 200
        wanted = self.headers.get("Range") if file.ranges else None
        if wanted and self.headers.get("If-Range", "") in ("", *told.values()):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last) + 1 if last else len(content)
            told["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
            content, status = content[start:end], 206
        if file.size:
            told["Content-Length"] = str(len(content))
        self._head(status, told)
        if file.breaks_after is not None and not (wanted or "").endswith("-0"):
            content, file.breaks_after = content[: file.breaks_after], None
            if file.then is not None:
                file.publish(file.then)
        try:
            for begin in range(0, len(content), CHUNK):
                part = content[begin : begin + CHUNK]
                self.wfile.write(part)
                self.publisher.n_bytes += len(part)
        except ConnectionError:
            self.close_connection = True

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
