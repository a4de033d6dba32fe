"""The live shadow as a whole: made from the settings at start, ended with the service."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.bundles.holder import ServedBundles
from serving.bundles.served import ServedBundle
from serving.database.engine import Database
from serving.request_context import RequestContext
from serving.shadow.asked import is_chosen
from serving.shadow.challenger import OFF, ChallengerInMemory, Standing
from serving.shadow.metrics import ShadowCollector
from serving.shadow.recorder import ShadowRecorder

if TYPE_CHECKING:
    from serving.metrics import Metrics
    from serving.reviews.approval_cache import ApprovalCache
    from serving.settings import ServingSettings

OK = 200


@dataclass(frozen=True, slots=True)
class Shadow:
    """Has the challenger answer a share of the requests too, for nobody but the summary.

    Attributes
    ----------
    share
        Of the requests.
    recorder
        Answers them; None where the share is 0.
    challenger
        What answers; None where the share is 0.
    counted
        What became of the requests of this process; None where the share is 0.
    """

    share: float = 0.0
    recorder: ShadowRecorder | None = None
    challenger: ChallengerInMemory | None = None
    counted: ShadowCollector | None = None

    def chooses(self, context: RequestContext, served: ServedBundle) -> bool:
        """Whether the challenger is to answer a request too that a bundle is about to answer.

        No made-up profile, and nothing that another bundle than the champion was asked.
        """
        challenger = self.challenger
        return (
            challenger is not None
            and challenger.answers_beside(served)
            and not context.what_if
            and is_chosen(context.request_id, self.share)
        )

    def record(
        self, scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
    ) -> None:
        """Take a request that is over; a `serving.middleware.exchange.Recorder`."""
        del scope, seconds, sent
        asked, context.shadow = context.shadow, None
        if asked is not None and self.recorder is not None and context.status == OK:
            self.recorder.record(asked)

    @property
    def standing(self) -> Standing:
        """Whether it answers, and why not."""
        return OFF if self.challenger is None else self.challenger.standing

    @property
    def requests(self) -> dict[str, int]:
        """Requests of this process by what became of them."""
        return {} if self.counted is None else self.counted.requests

    def start(self) -> None:
        """Begin to answer."""
        if self.recorder is not None:
            self.recorder.start()

    def close(self) -> None:
        """End, with what was added up stored."""
        if self.recorder is not None:
            self.recorder.close()


def open_shadow(
    settings: ServingSettings,
    *,
    database: Database,
    bundles: ServedBundles,
    approvals: ApprovalCache,
    metrics: Metrics,
    clock: Callable[[], float],
) -> Shadow:
    """Put the shadow together; nothing is read, written or started before `Shadow.start`."""
    if not settings.shadow_share:
        return Shadow()
    challenger = ChallengerInMemory(bundles)

    def standing() -> Standing:
        return challenger.standing

    collector = ShadowCollector(standing)
    metrics.registry.register(collector)
    recorder = ShadowRecorder(
        database,
        challenger,
        approvals,
        clock=clock,
        store_seconds=settings.shadow_store_seconds,
        on_counted=collector.count,
    )
    return Shadow(settings.shadow_share, recorder, challenger, collector)
