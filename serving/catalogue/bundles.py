"""Bundles as the store listed them last, and the one that answers; MLflow is never asked here."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from serving.catalogue.listing import Listing

if TYPE_CHECKING:
    from serving.bundles.holder import ServedBundles
    from serving.bundles.messages import KnownVersion
    from serving.bundles.served import ServedBundle
    from serving.catalogue.queries import BundleQuery

COLUMNS = (
    "version",
    "aliases",
    "sha256",
    "serves",
    "cohort",
    "simulated",
    "n_drugs",
    "created_at",
)
PROVENANCE = ("created_at", "code_version", "response_kind", "n_samples")


def list_bundles(bundles: ServedBundles, query: BundleQuery) -> Listing:
    """List the versions, newest first, with what the one that answers is made of."""
    served = bundles.current()
    records = [_registered(known, served) for known in bundles.versions()]
    if served is not None and not any(record["serves"] for record in records):
        records.insert(0, _unlisted(served))
    if query.alias is not None:
        records = [record for record in records if query.alias in record["aliases"]]
    serving = None if served is None else _details(served)
    return Listing(records, repr((records, serving)), COLUMNS, about={"serving": serving})


def _registered(known: KnownVersion, served: ServedBundle | None) -> dict[str, Any]:
    serves = served is not None and (served.version, served.sha256) == (known.version, known.sha256)
    n_drugs, simulated = known.tags.get("n_drugs", ""), known.tags.get("simulated")
    return {
        "version": known.version,
        "aliases": list(known.aliases),
        "sha256": known.sha256,
        "serves": serves,
        "cohort": known.tags.get("cohort"),
        "simulated": {"true": True, "false": False}.get(simulated or ""),
        "n_drugs": int(n_drugs) if n_drugs.isdecimal() else None,
        "created_at": _moment(known.created_at),
    }


def _unlisted(served: ServedBundle) -> dict[str, Any]:
    """Describe a bundle that no store has listed: from a folder, or from the cache."""
    bundle = served.bundle
    return {
        "version": served.version,
        "aliases": [],
        "sha256": served.sha256,
        "serves": True,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "n_drugs": len(bundle.drugs),
        "created_at": None,
    }


def _details(served: ServedBundle) -> dict[str, Any]:
    bundle = served.bundle
    return {
        "name": bundle.name,
        "version": served.version,
        "sha256": served.sha256,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "source": served.source,
        "loaded_at": _moment(served.loaded_at),
        "n_drugs_by_status": dict(Counter(bundle.statuses)),
        "expression_scale": bundle.expression_scale,
        "lineages": list(bundle.lineages),
        "gene_panel": list(bundle.gene_panel),
        "minimum_gene_coverage": bundle.minimum_gene_coverage,
        "can_explain": bundle.can_explain,
        "provenance": {name: bundle.provenance.get(name) for name in PROVENANCE},
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
