"""Load on an HTTP server: keep-alive connections that send one request after the other.

Written on asyncio protocols because a client that costs more than the server measures itself; it
runs in a process of its own, bound to one core: `python load.py SPEC.json`.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: where to, for how long, over how many connections.

    Attributes
    ----------
    head
        Header lines beyond host and length, each ending in CR LF.
    """

    port: int
    path: str
    head: str
    body_file: str
    n_connections: int
    warm_seconds: float
    seconds: float
    core: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back. Latencies in milliseconds."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    n_requests: int
    n_sent: int
    n_failed: int


class Connection(asyncio.Protocol):
    """Send the request, wait for the whole answer, note its latency, send again."""

    def __init__(self, request, latencies, stop_at, failures):
        self.request, self.latencies = request, latencies
        self.stop_at, self.failures = stop_at, failures
        self.done = asyncio.get_running_loop().create_future()
        self.buffer, self.needed = b"", None

    def connection_made(self, transport):
        self.transport = transport
        self._send()

    def data_received(self, data):
        self.buffer = self.buffer + data if self.buffer else data
        if self.needed is None:
            end = self.buffer.find(HEAD_END)
            if end < 0:
                return
            head = self.buffer[:end].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            self.needed = end + len(HEAD_END) + length
            self.ok = head[9:12] == b"200"
        if len(self.buffer) >= self.needed:
            self._answered()

    def connection_lost(self, error):
        if not self.done.done():
            self.failures.append("connection lost")
            self.done.set_result(None)

    def _send(self):
        self.sent_at = time.perf_counter()
        self.transport.write(self.request)

    def _answered(self):
        now = time.perf_counter()
        self.latencies.append((now, now - self.sent_at))
        if not self.ok:
            self.failures.append(self.buffer[:400].decode(errors="replace"))
        self.buffer, self.needed = b"", None
        if now < self.stop_at and len(self.failures) < 10:
            self._send()
        else:
            self.done.set_result(None)
            self.transport.close()


async def _run(load):
    body = Path(load.body_file).read_bytes()
    head = (
        f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n"
        f"Content-Length: {len(body)}\r\n{load.head}\r\n"
    )
    begin = time.perf_counter() + load.warm_seconds
    latencies, failures = [], []
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(load.n_connections):
        _, connection = await loop.create_connection(
            lambda: Connection(head.encode() + body, latencies, begin + load.seconds, failures),
            "127.0.0.1",
            load.port,
        )
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    if failures:
        sys.stderr.write(f"{load.path}: {failures[0]}\n")
    measured = sorted(seconds for at, seconds in latencies if at >= begin)
    if not measured:
        return Measured(0.0, float("nan"), float("nan"), 0, 0, len(failures))
    return Measured(
        requests_per_second=len(measured) / load.seconds,
        p50_ms=1000 * measured[len(measured) // 2],
        p99_ms=1000 * measured[min(len(measured) - 1, int(0.99 * len(measured)))],
        n_requests=len(measured),
        n_sent=len(latencies),
        n_failed=len(failures),
    )


def main():
    load = Load(**json.loads(Path(sys.argv[1]).read_text()))
    os.sched_setaffinity(0, {load.core})
    sys.stdout.write(json.dumps(asdict(uvloop.run(_run(load)))))


if __name__ == "__main__":
    main()
