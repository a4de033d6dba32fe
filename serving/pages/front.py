"""What the front page says of the bundle that answers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from models.cards.sentences import STATUS_MEANS
from models.drug_model import STATUSES
from serving.services import Services

SOURCES = {
    "store": "the model store names it as the one to serve",
    "cache": "from the last run; the model store has not confirmed it since",
    "folder": "given as a folder when the service was started",
}


def front_page(services: Services) -> dict[str, Any]:
    """Values of the front page; without a bundle it says so."""
    served = services.bundles.current()
    values: dict[str, Any] = {"program_version": version("cupromark"), "bundle": None}
    if served is None:
        return values
    counts = Counter(served.bundle.statuses)
    provenance = served.bundle.provenance
    return values | {
        "bundle": served.bundle,
        "sha256": served.sha256,
        "bundle_version": served.version,
        "source": SOURCES[served.source],
        "loaded_at": _moment(served.loaded_at),
        "trained_at": _day(provenance.get("created_at")),
        "n_samples": provenance.get("n_samples"),
        "n_drugs": len(served.bundle.drugs),
        "statuses": [(name, counts[name], STATUS_MEANS[name]) for name in STATUSES],
    }


def _day(written: object) -> str:
    """Write the day of a moment that is written in ISO 8601; nothing where there is none."""
    return f"{datetime.fromisoformat(str(written)):%d %B %Y}" if written else ""


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %B %Y, %H:%M UTC")
