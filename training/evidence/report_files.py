"""Reports as JSON files, and cards as pages and plots in files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from models.cards.index_page import card_pages
from training.errors import TrainingError
from training.evidence.report import EvidenceReport


def write_report(report: EvidenceReport, path: Path) -> None:
    """Write a report as JSON.

    Raises
    ------
    TrainingError
        The folder cannot be written.
    """
    write_text(path, json.dumps(report.to_json(), indent=1, allow_nan=False))


def write_pages(report: EvidenceReport, folder: Path) -> list[Path]:
    """Write a page for every drug, and the tables that lead to them.

    Raises
    ------
    TrainingError
        The folder cannot be written.
    """
    pages: Mapping[str, str] = card_pages(report.cards, cohort=str(report.about["cohort"]))
    for name, page in pages.items():
        write_text(folder / name, page)
    return [folder / name for name in pages]


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all; its folder is made.

    Raises
    ------
    TrainingError
        It cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that can be written, with enough space.",
            remedy="mend that, or name another place.",
        ) from error


def read_report(path: Path) -> EvidenceReport:
    """Read a report that `write_report` wrote.

    Raises
    ------
    TrainingError
        There is none, or it is not one.
    """
    try:
        content = json.loads(path.read_text())
        return EvidenceReport(content["cards"], content["skipped"], content["about"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"There is no evidence to be read at {path}.",
            needed="a report that `cupromark evidence run` wrote.",
            remedy="run `cupromark evidence run` for this cohort first.",
        ) from error
