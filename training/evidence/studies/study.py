"""What a study leaves: figures for programs, tables for people, a plot, and how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from training.code_version import code_version
from training.cohort import Cohort
from training.errors import TrainingError
from training.evidence.studies.forest import Forest
from training.evidence.studies.tables import StudyTable


@dataclass(frozen=True, slots=True)
class Study:
    """One study of one cohort.

    Attributes
    ----------
    name
        Word of the command, such as `ablation`.
    about
        Cohort, data, settings, code and time (JSON).
    figures
        Every figure by name (JSON); a string `not estimable: ...` stands where there is none.
    tables, notes
        What people read.
    forest
        What is drawn; None where there is nothing to draw.
    """

    name: str
    title: str
    about: dict[str, Any]
    figures: dict[str, Any]
    tables: tuple[StudyTable, ...]
    notes: tuple[str, ...] = ()
    forest: Forest | None = None
    skipped: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Everything but the plot, for programs."""
        return {
            "study": self.name,
            "about": self.about,
            **self.figures,
            "skipped": self.skipped,
            "notes": list(self.notes),
        }

    def to_markdown(self) -> str:
        """Title, tables and notes, as Markdown that reads well on a terminal too."""
        parts = [f"## {self.title}", _made_from(self.about)]
        parts += [table.to_markdown() for table in self.tables]
        parts += [f"{drug}: not estimable: {reason}" for drug, reason in self.skipped.items()]
        return "\n\n".join([*filter(None, parts), *self.notes]) + "\n"


def about_cohort(cohort: Cohort, **settings: Any) -> dict[str, Any]:
    """Say what a study of a cohort was made from."""
    return {
        "cohort": cohort.name,
        "simulated": cohort.simulated,
        "n_samples": len(cohort.expression.samples),
        "n_genes": len(cohort.expression.genes),
        "sources": [{"name": one.name, "sha256": one.sha256} for one in cohort.sources],
        "settings": settings,
        **about_code(),
    }


def about_code() -> dict[str, str]:
    """Version of the code, and the time."""
    return {
        "code_version": code_version(),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def study_file(folder: Path, name: str, cohorts: Sequence[str]) -> Path:
    """Where a study is kept: beside the evidence cards of the same cohorts."""
    return folder / f"{'-'.join(cohorts).replace(':', '-')}-{name}.json"


def write_study(study: Study, path: Path) -> None:
    """Write the figures of a study as JSON, whole or not at all.

    Raises
    ------
    TrainingError
        The folder cannot be written.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(study.to_json(), indent=1, allow_nan=False))
        partial.replace(path)
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a folder that can be written, with enough space.",
            remedy="mend that, or name another place.",
        ) from error


def _made_from(about: Mapping[str, Any]) -> str:
    if about.get("simulated"):
        return "SIMULATED data: these figures say nothing about any drug."
    if "n_samples" not in about:
        return ""
    return f"{about['cohort']}: {about['n_samples']} samples, {about['n_genes']:,} genes."
