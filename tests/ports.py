"""Ports for servers that are started a while after their port was chosen."""

from __future__ import annotations

import secrets
import socket

# The kernel gives out ports from 32768 on to whoever asks for any; these it leaves alone.
FIRST, LAST = 12_000, 32_000
_given: set[int] = set()


def free_port() -> int:
    """Choose a port on loopback that nobody listens on, and that was not chosen before."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        if port in _given:
            continue
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        _given.add(port)
        return port
