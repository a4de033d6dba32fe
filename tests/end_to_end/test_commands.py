"""What every command offers, and what it costs to start."""

import json
import subprocess
import sys

import pytest
from typer.main import get_command

from cupromark.main import app

HEAVY = ("pandas", "numpy", "mlflow", "sklearn", "xgboost", "shap", "scipy", "rich.progress")
WITHOUT_JSON = {"mlflow"}  # it becomes MLflow's server and prints nothing of ours


def walk(command, name="cupromark"):
    """Yield every command that does something, with its full name."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, part in command.commands.items():
        yield from walk(part, f"{name} {word}")


COMMANDS = dict(walk(get_command(app)))


def options_of(command):
    return {option for parameter in command.params for option in parameter.opts}


def test_all_commands_are_there():
    assert set(COMMANDS) >= {
        "cupromark quickstart",
        "cupromark train",
        "cupromark predict",
        "cupromark validate",
        "cupromark mlflow",
        *(f"cupromark data {word}" for word in ("list", "fetch", "verify")),
        *(f"cupromark models {word}" for word in ("list", "show", "promote", "rollback")),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself(run, name):
    command = COMMANDS[name]
    assert command.help
    assert (command.epilog or "").startswith(f"Example: {name}")
    undescribed = [p.name for p in command.params if not getattr(p, "help", None)]
    assert not undescribed
    shown = run(*name.split()[1:], "--help")
    assert shown.code == 0
    assert f"Example: {name}" in " ".join(shown.out.split())


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {f"cupromark {n}" for n in WITHOUT_JSON}))
def test_a_command_can_answer_in_json(name):
    assert "--json" in options_of(COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_is_one_that_it_takes(name):
    words = COMMANDS[name].epilog.removeprefix(f"Example: {name}").split()
    used = {word for word in words if word.startswith("--")}
    assert used <= options_of(COMMANDS[name])


def test_importing_the_command_line_imports_nothing_heavy():
    code = f"import sys, cupromark; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_help_of_the_script(run_script):
    done = run_script("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "quickstart" in done.stdout


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["predict", "profiles.csv"], "Missing option '--scale'"),
        (["train", "--cohort", "tcga", "--folds", "1"], "Invalid value for '--folds'"),
        (["nothing"], "No such command 'nothing'"),
        (["models", "list", "--shop", "x"], "No such option: --shop"),
    ],
)
def test_a_slip_of_the_tongue_is_told_in_either_form(run, words, found):
    plain = run(*words)
    assert (plain.code, plain.out) == (2, "")
    assert found in plain.err
    assert "--help" in plain.err
    as_json = run(*words, "--json")
    assert (as_json.code, as_json.err) == (2, "")
    error = json.loads(as_json.out)["error"]
    assert found in error["found"]
    assert "--help" in error["remedy"]
