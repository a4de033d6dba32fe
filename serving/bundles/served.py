"""A bundle that answers, and what the service says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from models.compiled import CompiledBundle

Source = Literal["store", "cache", "folder"]


class LoadsBundle(Protocol):
    """Verifies every file of a folder, loads the bundle, and has it give its golden answers."""

    def __call__(self, folder: Path, *, version: str | None) -> CompiledBundle:
        """Load it; BundleError when it must not be served."""
        ...


@dataclass(frozen=True, slots=True)
class ServedBundle:
    """A loaded bundle. A request keeps the one that it started with.

    Attributes
    ----------
    bundle
        What answers.
    version
        Its number in the store; None when it came from a folder.
    sha256
        Hash of the bundle.
    source
        "store": the store names it as the one to serve; "cache": it was served before the last
        start, and the store has not confirmed it since; "folder": it was given as a folder.
    loaded_at
        Seconds since 1970.
    """

    bundle: CompiledBundle
    version: str | None
    sha256: str
    source: Source
    loaded_at: float


@dataclass(frozen=True, slots=True)
class BundleState:
    """What the service says about its bundle; no paths, no addresses.

    Attributes
    ----------
    ready
        Whether predictions are answered.
    name, version, sha256, source, loaded_at
        Of the bundle that answers, see `ServedBundle`; None when there is none.
    degraded
        Whether another bundle than this one should be served.
    wanted
        Version that should be served, as the store said last; None when it named none.
    failed_version
        Version that should be served and was refused.
    store_reachable
        Whether the store answered when it was last asked; None before that, and for a folder.
    last_check_at
        When the store answered last, in seconds since 1970.
    last_error
        What stands in the way, and what to do about it.
    swaps, refusals, restarts
        Bundles put in place, bundles refused, and how often the watching child was started again.
    """

    ready: bool
    name: str | None
    version: str | None
    sha256: str | None
    source: Source | None
    loaded_at: float | None
    degraded: bool
    wanted: str | None
    failed_version: str | None
    store_reachable: bool | None
    last_check_at: float | None
    last_error: str | None
    swaps: int
    refusals: int
    restarts: int
