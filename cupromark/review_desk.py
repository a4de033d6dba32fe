"""Putting bundles at the review desk: from `reviews prepare`, and after a training."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.databases import DEFAULT_STATE, opened_database, who_runs_this
from cupromark.stores import open_store
from models.store_place import is_address

if TYPE_CHECKING:
    from rich.console import Console

    from models.bundle import Bundle

Reviews = Annotated[
    bool,
    typer.Option(
        "--reviews/--no-reviews",
        help="Look for findings in the new version, and put them at the review desk of the "
        "service: in its database, or beside a store that is named.",
    ),
]


@dataclass(frozen=True, slots=True)
class AtDesk:
    """What is at the desk of a bundle.

    Attributes
    ----------
    n_drugs
        Drugs with figures to decide on.
    findings
        How many there are of each kind.
    stored
        Whether they were put there now; what was there before stays as it is.
    missed
        Why nothing was put there; None where it was.
    """

    n_drugs: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    stored: bool = False
    missed: str | None = None

    @property
    def kinds(self) -> str:
        """List how many findings there are of each kind."""
        listed = ", ".join(f"{count:,} {kind}" for kind, count in self.findings.items())
        return listed or "no finding"

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        if self.missed is not None:
            return {"missed": self.missed}
        return {"drugs": self.n_drugs, "findings": self.findings, "stored": self.stored}


def put_at_desk(bundle: Bundle, *, address: str | None, state: Path) -> AtDesk:
    """Look for findings in a bundle, and put them at the desk.

    Parameters
    ----------
    address, state
        Of the service's database, as `cupromark.databases` takes them.

    Raises
    ------
    DatabaseAwayError, SchemaError
        If the database does not answer, or is of another release.
    """
    from serving.reviews.material import make_material
    from serving.reviews.material_store import store_material

    material = make_material(bundle)
    with opened_database(address, state) as opened:
        stored = store_material(opened, material, clock=time.time, stored_by=who_runs_this())
    kinds = dict(Counter(str(one.kind) for one in material.findings))
    return AtDesk(len(material.drugs), kinds, stored)


def put_trained_at_desk(version: str | None, store: str, console: Console) -> AtDesk | None:
    """Put a version that was just trained at the desk; a database that is away stops nothing.

    Parameters
    ----------
    version
        None where nothing was registered.
    store
        The store that it is in, as the command named it.
    """
    from serving.errors import ServingError

    if version is None:
        return None
    address = os.environ.get("CUPROMARK_SERVE_DATABASE_URL")
    try:
        with console.status("Looking for findings to review"):
            return put_at_desk(
                open_store(store).load(version), address=address, state=state_beside(store)
            )
    except ServingError as error:
        return AtDesk(missed=f"{error.found} Needed: {error.needed}")


def state_beside(store: str) -> Path:
    """Folder of what the service of a store keeps, unless the environment names one."""
    named = os.environ.get("CUPROMARK_SERVE_STATE")
    if named:
        return Path(named)
    return DEFAULT_STATE if is_address(store) else Path(store) / DEFAULT_STATE.name


def print_at_desk(at_desk: AtDesk | None, version: str | None, store: str) -> None:
    """Say what there is to review, and where."""
    if at_desk is None:
        return
    where = "" if store == "var" else f" --store {store}"
    if at_desk.missed is not None:
        typer.echo(f"\nThe review desk does not have it: {at_desk.missed}")
        typer.echo(f"  cupromark reviews prepare --bundle {version}{where}")
        return
    beside = "" if store == "var" else f"{where} --state {state_beside(store)}"
    typer.echo(f"\nAt the review desk: {at_desk.n_drugs:,} drugs; {at_desk.kinds}.")
    typer.echo(f"  cupromark reviews status --bundle {version}{beside}")
