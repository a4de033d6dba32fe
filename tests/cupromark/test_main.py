"""The command line itself: its version, and what its help does not load."""

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

from cupromark.main import main

HEAVY = frozenset(
    ("dbos", "fastapi", "mlflow", "numpy", "pandas", "pydantic", "rich", "sklearn", "sqlalchemy")
)
LOADED = (
    "import json, sys\n"
    "from cupromark.main import main\n"
    "try:\n"
    "    main(['--help'])\n"
    "except SystemExit:\n"
    "    print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
)


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code or 0, capsys.readouterr()


def test_the_version_is_that_of_the_package(capsys):
    code, said = run(capsys, "--version")
    assert (code, said.out, said.err) == (0, f"cupromark {version('cupromark')}\n", "")


def test_the_help_says_what_it_is_for_and_names_the_option(capsys):
    code, said = run(capsys, "--help")
    assert code == 0
    assert "Research use only" in said.out
    assert "--version" in said.out


def test_the_help_loads_nothing_heavy():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert not {name.split(".")[0] for name in json.loads(done.stderr)} & HEAVY


@pytest.mark.parametrize("drugs", ["", ",", " , "])
def test_a_list_of_no_drugs_is_refused_and_not_taken_for_all(tmp_path, capsys, drugs):
    database = f"sqlite:///{tmp_path / 'jobs.db'}"
    retrain = ("--cohort", "ccle-gdsc2", "--drugs", drugs, "--database", database, "--json")
    code, said = run(capsys, "jobs", "submit", *retrain)
    assert code == 2
    assert json.loads(said.out)["error"]["type"] == "JobSpecError"
