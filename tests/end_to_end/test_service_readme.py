"""The commands of the README that call the service are run as they stand there."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
PRINTED_ADDRESS = "http://127.0.0.1:8000"
SERVE = re.compile(r"^cupromark serve &.*\n", re.MULTILINE)


@pytest.fixture(scope="module")
def blocks():
    section = README.read_text().partition("\n## Over HTTP\n")[2].partition("\n## ")[0]
    return re.findall(r"^```(\w*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(service, question, tmp_path_factory):
    """Where a user would stand: state of the service below var/, files beside it."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "var").mkdir()
    (folder / "var" / "serving").symlink_to(service.log.parent)
    with (folder / "profiles.csv").open("w", newline="") as file:
        rows = zip(question["ids"], question["values"], strict=True)
        csv.writer(file).writerows(
            [["sample", *question["genes"]], *([name, *row] for name, row in rows)]
        )
    asked = {**question, "scale": "log2_tpm"}
    (folder / "question.json").write_text(json.dumps(asked))
    return folder


def run_in(folder, *command, **environment):
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ["PATH"]])
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=os.environ | {"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_of_the_readme_answer(service, blocks, folder):
    assert shutil.which("curl"), "curl is needed: apt-get install curl"
    (_, commands), _ = blocks
    assert SERVE.search(commands)
    script = SERVE.sub("", commands).replace(PRINTED_ADDRESS, service.address)
    script = script.replace("curl ", "curl --silent --show-error --fail-with-body ")
    assert script.count("curl ") == 3
    said = run_in(folder, "bash", "-euo", "pipefail", "-c", script)
    decoder = json.JSONDecoder()
    predicted, end = decoder.raw_decode(said)
    explained, _ = decoder.raw_decode(said[end:].lstrip())
    assert {one["sample_id"] for one in predicted["predictions"]} == {"sample 1", "sample 2"}
    assert {one["drug"] for one in explained["explanations"]} == {"Cisplatin"}
    with (folder / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["sample_id"], row["drug"]) for row in rows] == [
        (one["sample_id"], one["drug"]) for one in predicted["predictions"]
    ]


def test_the_program_of_the_readme_answers(service, blocks, folder):
    _, (language, program) = blocks
    assert language == "python"
    program = program.replace(PRINTED_ADDRESS, service.address)
    key = service.keys["predict"]
    lines = run_in(folder, sys.executable, "-c", program, CUPROMARK_KEY=key).splitlines()
    assert [line.split()[0] for line in lines] == ["Cisplatin", "sample", "sample"]
