"""Which code made something."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path


def code_version() -> str:
    """Version of the package, with the git commit where the code is a checkout."""
    release = version("cupromark")
    checkout = Path(__file__).resolve().parent.parent
    if not (checkout / ".git").exists():
        return release
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return release
    return f"{release}+{described.stdout.strip()}" if described.returncode == 0 else release
