"""Loading what is to answer: verified file by file, and made to give its golden answers again."""

from __future__ import annotations

from pathlib import Path

from models.compiled import CompiledBundle


def load_proved(folder: Path, *, version: str | None) -> CompiledBundle:
    """Load a bundle for answering requests.

    A child process proved the bundle with the code of `models.prediction` before, so that a crash
    would stay there. This proves the very object that will answer; it takes milliseconds.

    Raises
    ------
    BundleError
        A file is missing or was changed, or a golden answer differs by more than 1e-6.
    """
    compiled = CompiledBundle.load(folder, version=version, with_golden=True)
    compiled.check_golden()
    return compiled
