"""The child of a worker, acted: notes every order in a file, and does what the script says."""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

ANSWERS = {
    "fetch": {"files": []},
    "verify": {"n_files": 0},
    "join": {"drugs": ["a", "b", "c"], "question": "q", "figures": {"n_drugs": 3}},
    "news": {"version": None},
    "train": {"trained": [], "skipped": []},
    "evidence": {"bundle_sha256": "f" * 64, "figures": {"mean_roc_auc": 0.7}},
    "report": {"n_pages": 1},
    "register": {"version": "1", "run_id": "r", "experiment_id": "0", "bundle_sha256": "f" * 64},
    "find": {
        "version": "1",
        "run_id": "r",
        "experiment_id": "0",
        "bundle_sha256": "f" * 64,
        "cohort": "tiny",
    },
    "shadow": {"compared": False, "figures": {}},
    "policy": {"policy": "1", "statuses": [], "people": 1, "judged_kinds": []},
    "gate": {
        "decision": {"accepted": True, "reasons": [], "policy_version": "1"},
        "reasons": [],
        "champion": None,
    },
    "promote": {"before": None, "is_new": True, "is_overtaken": False},
}


def say(message):
    print(json.dumps(message), flush=True)  # noqa: T201


def main():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # dies with its worker, as the real one does
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        step = order["step"]
        name = f"train {order['given']['drugs'][0]}" if step == "train" else step
        with (folder / "done").open("a") as done:
            done.write(f"{order['job_id']}\t{name}\t{os.getpid()}\n")
        script = folder / f"{name}.json"
        act = json.loads(script.read_text()) if script.is_file() else {}
        if "say" not in act:
            say({"progress": [1, 2]})
        time.sleep(act.get("seconds", 0))
        if "signal" in act:
            os.kill(os.getpid(), act["signal"])
        if "hold" in act:  # until the test takes the script away, whatever it is sent
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while script.is_file():
                time.sleep(0.02)
        held = bytearray(act.get("bytes", 0))
        held[::4096] = b"x" * len(held[::4096])
        while held and script.is_file():
            time.sleep(0.02)
        if "say" in act:
            say(act["say"])
        else:
            say({"done": act.get("answer", ANSWERS[step])})


main()
