"""The collaborators of the routes, made once at start and handed to every router."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.access.opening import Access
    from serving.bundles.holder import ServedBundles
    from serving.metrics import Metrics
    from serving.settings import ServingSettings
    from serving.uploads.readers import UploadReaders


@dataclass(frozen=True, slots=True)
class Services:
    """What routes work with.

    Attributes
    ----------
    settings
        Settings of this process.
    bundles
        The bundle that answers, and what is known of it: `bundles.require()`, `bundles.state()`.
    access
        Who may do what: `Depends(requires(services.access, "predict"))`.
    metrics
        Counters and histograms of this process.
    clock
        Seconds since 1970.
    uploads
        Processes that read files, and write Parquet.
    """

    settings: ServingSettings
    bundles: ServedBundles
    access: Access
    metrics: Metrics
    clock: Callable[[], float]
    uploads: UploadReaders
