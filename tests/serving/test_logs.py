"""Logging belongs to the whole process, so it is set up in one of its own."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys, structlog
from serving.logs import configure_logs
from serving.settings import ServingSettings
configure_logs(ServingSettings(log_format=sys.argv[1], log_level=sys.argv[2]))
structlog.get_logger("a").info("ours", number=1)
structlog.get_logger("a").warning("ours, worse", number=2)
logging.getLogger("uvicorn.error").warning("theirs %s", 3)
logging.getLogger("a.library").info("chatter")
"""


def logged(form, level):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM, form, level], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_json_whoever_wrote_it():
    events = [json.loads(line) for line in logged("json", "info")]
    assert [event["event"] for event in events] == ["ours", "ours, worse", "theirs 3"]
    assert [event["level"] for event in events] == ["info", "warning", "warning"]
    assert events[0]["number"] == 1
    assert all(event["timestamp"].endswith("Z") for event in events)


@pytest.mark.parametrize(("level", "lines"), [("info", 3), ("warning", 2), ("error", 0)])
def test_the_level_is_kept(level, lines):
    assert len(logged("text", level)) == lines
