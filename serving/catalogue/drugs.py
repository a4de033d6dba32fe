"""The drugs of a bundle: what is known of each, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from features.drug_classes import classes_of
from models.cards.card import card_of_bundle
from models.cards.figures import figure_at
from models.drug_model import STATUSES
from serving.catalogue.listing import Listing, Record
from serving.errors import NotFoundError

if TYPE_CHECKING:
    from models.drug_model import DrugModel
    from serving.bundles.served import ServedBundle
    from serving.catalogue.queries import DrugQuery

COLUMNS = (
    "name",
    "status",
    "status_reason",
    "estimator",
    "drug_classes",
    "roc_auc",
    "roc_auc_low",
    "roc_auc_high",
    "n_lines",
    "n_sensitive",
)


def list_drugs(served: ServedBundle, query: DrugQuery) -> Listing:
    """List the drugs that fit, in the order that is asked for."""
    fitting = [record for record in _records(served) if _fits(record, query)]
    return Listing(
        _in_order(fitting, query.sort), state_of(served), COLUMNS, about={"bundle": about(served)}
    )


def describe_drug(served: ServedBundle, name: str) -> dict[str, Any]:
    """Say everything that a bundle knows of a drug.

    Raises
    ------
    NotFoundError
        The bundle does not know it; upper and lower case do not matter.
    """
    found = find_name(name, served.bundle.drugs)
    if found is None:
        raise NotFoundError(
            "The bundle that answers knows no such drug.",
            needed="the name of one of its drugs.",
            remedy="look the name up at /v1/drugs, with ?search= for a part of it.",
        )
    model = served.bundle.bundle.drugs[found]
    return {
        **_record(model),
        "bundle": about(served),
        "parameters": model.parameters,
        "evidence_card": card_of_bundle(served.bundle.bundle, found),
        "label_card": model.label_card,
    }


def about(served: ServedBundle) -> dict[str, Any]:
    """Say which bundle answers, as predictions do."""
    bundle = served.bundle
    return {
        "name": bundle.name,
        "version": served.version,
        "sha256": served.sha256,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
    }


def state_of(served: ServedBundle) -> str:
    """Text that changes whenever what is listed of a bundle does."""
    return f"{served.sha256} {served.version}"


def find_name(name: str, known: Sequence[str]) -> str | None:
    """Find a name, whatever its case, as long as that tells no two apart."""
    if name in known:
        return name
    alike = [one for one in known if one.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


@lru_cache(maxsize=2)
def _records(served: ServedBundle) -> tuple[Record, ...]:
    return tuple(_record(model) for model in served.bundle.bundle.drugs.values())


def _record(model: DrugModel) -> dict[str, Any]:
    card: Mapping[str, Any] = model.evidence_card
    roc_auc = figure_at(card, "roc_auc")
    return {
        "name": model.drug,
        "status": model.status,
        "status_reason": card.get("status_reason"),
        "estimator": model.estimator,
        "drug_classes": list(classes_of(model.drug)),
        "roc_auc": roc_auc.value,
        "roc_auc_low": roc_auc.low,
        "roc_auc_high": roc_auc.high,
        "n_lines": card.get("n_lines"),
        "n_sensitive": card.get("n_sensitive"),
        "url": f"/v1/drugs/{quote(model.drug, safe='')}",
    }


def _fits(record: Record, query: DrugQuery) -> bool:
    classes = [name.casefold() for name in record["drug_classes"]]
    if query.status and record["status"] not in query.status:
        return False
    if query.drug_class is not None and query.drug_class.casefold() not in classes:
        return False
    names = [record["name"].casefold(), *classes]
    return query.search is None or any(query.search.casefold() in name for name in names)


def _in_order(records: list[Record], sort: str) -> list[Record]:
    """Sort by one field, then by name; what has no figure comes last in either direction."""
    by, down = sort.removeprefix("-"), sort.startswith("-")
    named = sorted(records, key=lambda record: record["name"].casefold())
    if by == "name":
        return named[::-1] if down else named
    if by == "status":
        return sorted(named, key=lambda record: STATUSES.index(record["status"]), reverse=down)
    known = [record for record in named if record["roc_auc"] is not None]
    unknown = [record for record in named if record["roc_auc"] is None]
    return sorted(known, key=lambda record: float(record["roc_auc"]), reverse=down) + unknown
