"""The worker's own log never ends the worker."""

import errno
import logging
import sys

import pytest
import structlog

from training.jobs.logs import configure_worker_logs
from training.jobs.settings import WorkerSettings


class FullDisk:
    """Standard error that goes to a file on a full disk."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    flush = isatty = lambda self: False


@pytest.fixture
def full_disk(monkeypatch):
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr(sys, "stderr", FullDisk())
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_log_on_a_full_disk_loses_lines_and_stops_nobody(full_disk):
    configure_worker_logs(WorkerSettings())
    structlog.get_logger().warning("database away", reason="it is full")
