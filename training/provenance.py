"""Where a bundle came from: cohort, data, settings and code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from training.code_version import code_version
from training.cohort import Cohort
from training.drug_tasks import response_of
from training.settings import TrainingSettings


def provenance_of(cohort: Cohort, settings: TrainingSettings) -> dict[str, Any]:
    """Tell what a bundle was made of, as JSON; `created_at` does not count in its hash."""
    elsewhere = response_of(cohort).elsewhere
    return {
        "cohort": cohort.name,
        "simulated": cohort.simulated,
        "n_samples": len(cohort.expression.samples),
        "n_screened_elsewhere": 0 if elsewhere is None else len(elsewhere.values),
        "response_kind": response_of(cohort).kind,
        "sources": [
            {"name": one.name, "sha256": one.sha256, "bytes": one.n_bytes, "complete": one.complete}
            for one in cohort.sources
        ],
        "settings": settings.to_parameters(),
        "code_version": code_version(),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
