"""The collaborators of the routes, made once at start and handed to every router."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.access.opening import Access
    from serving.bundles.holder import ServedBundles
    from serving.drift.opening import Drift
    from serving.jobs.opening import Jobs
    from serving.metrics import Metrics
    from serving.reviews.approval_cache import ApprovalCache
    from serving.settings import ServingSettings
    from serving.shadow.opening import Shadow
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
    jobs
        The board of jobs, opened with the first question: `jobs.ask(lambda board: ...)`.
    approvals
        What reviewers decided about drugs, in memory; `serving.reviews.answered` applies it.
    drift
        Counts the profiles that are answered: `drift.record(answers, served, key_id)`.
    shadow
        Has the challenger answer a share of the requests too: `shadow.chooses(context, served)`.
    references
        Source of training data -> how it is cited.
    """

    settings: ServingSettings
    bundles: ServedBundles
    access: Access
    metrics: Metrics
    clock: Callable[[], float]
    uploads: UploadReaders
    jobs: Jobs
    approvals: ApprovalCache
    drift: Drift
    shadow: Shadow
    references: Mapping[str, str] = field(default_factory=dict)
