"""Laws of the repository itself: what may be tracked, what the locks hold, who imports whom."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("features", "models", "training", "serving")
LOCKS = ("installer", "build", "runtime", "dev", "docs")
TARGETS = ("setup", "quickstart", "test", "lint", "bench", "docs", "lock", "clean")

DATA_FILE = re.compile(
    r"series_matrix\.txt|\.(gct|soft|h5ad|h5|parquet|feather|xlsx?|rds|rda|npz|npy|pkl|ubj|zip|tar|gz)$",
    flags=re.IGNORECASE,
)
LARGEST_FILE = 500_000  # bytes; locks are larger, and the only ones that may be

# In halves, so that this file does not hold what it looks for.
INDEX_ADDRESS = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "index" + "-url",
            "/simple" + "/",
        )
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|Users)/\w|[A-Z]:\\\\?Users\\")


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed arguments
        ["git", "-c", "safe.directory=*", *arguments],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def repository_files() -> tuple[Path, ...]:
    """Files that are tracked, or would be by `git add .`."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in repository_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def locked(name: str) -> dict[str, str]:
    """Version by canonical name."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


def test_no_file_names_a_package_index() -> None:
    assert lines_that_match(INDEX_ADDRESS) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_that_match(MACHINE_PATH) == []


def test_no_file_names_the_folder_of_this_checkout() -> None:
    # A checkout right below / or the temporary folder has a parent that says nothing about it.
    shared_parents = {Path("/"), Path(tempfile.gettempdir())}
    folder = ROOT if ROOT.parent in shared_parents else ROOT.parent
    assert lines_that_match(re.compile(rf"(?<![\w.]){re.escape(str(folder))}/")) == []


def test_no_data_file_is_tracked() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in repository_files()
        if DATA_FILE.search(path.name)
        or (path.stat().st_size > LARGEST_FILE and path.suffix != ".lock")
    ]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_gitignore_hides_no_code(package: str) -> None:
    ignored = git("check-ignore", "--no-index", f"{package}/a_new_module.py")
    if ignored.returncode == 128:
        pytest.skip(f"not a git checkout: {ignored.stderr.strip()}")
    assert ignored.stdout == ""


def test_no_package_below_tests_shadows_one_of_ours() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    requirements = text.replace("\\\n", " ").splitlines()
    assert requirements
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement)
    assert not re.search(r"://| @ |^-", text, flags=re.MULTILINE)


def test_the_runtime_lock_installs_what_was_tested() -> None:
    assert locked("runtime").items() <= locked("dev").items()


def test_the_locks_satisfy_pyproject() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = declared["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "runtime": project["dependencies"],
        "dev": [
            *project["dependencies"],
            *extras["dev"],
            *declared["build-system"]["requires"],
        ],
        "docs": extras["docs"],
    }
    unmet = [
        f"{requirement} in {lock}.lock"
        for lock, requirements in wanted.items()
        for requirement in map(Requirement, requirements)
        if not requirement.specifier.contains(
            locked(lock).get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]
    assert unmet == [], "run make lock"


IMPORT_WITHOUT_HTTP = """
import importlib, pkgutil, sys

for blocked in ("fastapi", "starlette", "uvicorn", "mlflow"):
    sys.modules[blocked] = None
for package in sys.argv[1:]:
    names = [m.name for m in pkgutil.walk_packages([package], package + ".")]
    for name in [package, *names]:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            # MLflow brings FastAPI of its own; import-linter says who may import it.
            if (error.name or "").partition(".")[0] != "mlflow":
                raise
"""


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_features_models_and_training_need_no_http() -> None:
    outcome = run_python(IMPORT_WITHOUT_HTTP, "features", "models", "training")
    assert outcome.returncode == 0, outcome.stderr


def test_every_package_can_be_imported() -> None:
    outcome = run_python("import features, models, training, serving")
    assert outcome.returncode == 0, outcome.stderr


def test_make_alone_lists_the_targets() -> None:
    shown = subprocess.run(
        ["make"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [target for target in TARGETS if f"make {target} " not in shown] == []


def test_continuous_integration_runs_both_lint_and_tests() -> None:
    script = ROOT / ".ci" / "run"
    commands = script.read_text().splitlines()
    assert script.stat().st_mode & 0o111
    assert "make lint" in commands
    assert "make test" in commands
    assert "set -euo pipefail" in commands
    assert not [line for line in commands if "|| true" in line]
