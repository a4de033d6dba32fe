"""`cupromark worker` says when it is ready, ends softly, and refuses settings of no sense."""

import json
import signal
import subprocess
import sys

import pytest

from cupromark.main import main


def test_a_worker_starts_and_ends(tmp_path):
    places = ["--store", str(tmp_path / "var"), "--state", str(tmp_path / "state")]
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "cupromark", "worker", *places, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    said = json.loads(b"".join(iter(worker.stdout.readline, b"}\n")) + b"}")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    worker.stdout.close()
    assert said["ready"] is True
    assert said["executor_id"] == (tmp_path / "state" / "executor_id").read_text().strip()
    assert (tmp_path / "var" / "jobs.db").is_file()


def test_a_setting_that_makes_no_sense_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CUPROMARK_WORKER_HEARTBEAT_SECONDS", "soon")
    with pytest.raises(SystemExit) as ended:
        main(["worker", "--state", str(tmp_path)])
    assert ended.value.code == 2
    assert "CUPROMARK_WORKER_HEARTBEAT_SECONDS" in capsys.readouterr().err
