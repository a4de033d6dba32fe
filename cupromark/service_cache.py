"""The bundles that a service has fetched from a store, as retention may clear them up."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceCache:
    """Folder of a service's verified bundles.

    Attributes
    ----------
    folder
        One folder a sha256.
    starts_from
        sha256 of what the service served last: it starts from that while its store is down.
    """

    folder: Path
    starts_from: frozenset[str]


def service_cache(store: str, state: Path) -> ServiceCache | None:
    """Find what the service with this state has fetched from this store, and from no other.

    None where it fetched nothing, or where the folder holds bundles of another store too: which
    of them may go is not this store's to say.
    """
    from serving.bundles.opening import store_address
    from serving.bundles.record import read_records

    folder = (
        Path(os.environ.get("CUPROMARK_SERVE_CACHE") or state / "bundles").expanduser().resolve()
    )
    ours, records = store_address(store, folder).store_id, read_records(folder)
    starts_from = frozenset(one.sha256 for one in records if one is not None)
    is_ours = all(one is not None and one.store_id == ours for one in records)
    return ServiceCache(folder, starts_from) if records and is_ours else None
