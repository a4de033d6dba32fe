"""The challenger that answers in the shadow: found in the listing of the store, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serving.bundles.holder import ServedBundles
from serving.bundles.messages import KnownVersion
from serving.bundles.served import ServedBundle
from serving.errors import NotFoundError, NotReadyError

ALIAS = "challenger"
State = Literal["off", "waiting", "on", "refused"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the shadow answers, and why not.

    Attributes
    ----------
    state
        "on"; "waiting" for a challenger, or for one to be fetched; "refused", where the challenger
        must not answer; "off" by the settings.
    reason
        In a sentence; empty where it is on.
    challenger
        What answers; None unless it is on.
    """

    state: State
    reason: str
    challenger: ServedBundle | None = None


OFF = Standing("off", "No share of the requests goes to the shadow: see `shadow_share`.")
NOT_LOOKED = Standing("waiting", "The service has just started.")


class ChallengerInMemory:
    """Follows the alias `challenger`; the bundle is fetched, verified and proved like any other.

    Parameters
    ----------
    bundles
        Bundles of the service. Nothing in it is changed: a challenger that must not answer leaves
        the champion as it is.
    """

    def __init__(self, bundles: ServedBundles) -> None:
        self._bundles = bundles
        self._standing = NOT_LOOKED

    @property
    def standing(self) -> Standing:
        """What the last look found; any thread may read it."""
        return self._standing

    def answers_beside(self, served: ServedBundle) -> bool:
        """Whether a challenger is there, and the bundle is the champion."""
        if self._standing.challenger is None:
            return False
        champion = self._bundles.current()
        return champion is not None and champion.sha256 == served.sha256

    def look(self) -> Standing:
        """Look at the listing, and have the challenger brought where it is another one now.

        It never waits for the store.
        """
        self._standing = self._find()
        return self._standing

    def _find(self) -> Standing:
        champion = self._bundles.current()
        if champion is None:
            return Standing("waiting", "No bundle answers yet.")
        if champion.source == "folder":
            return Standing("waiting", "The bundle comes from a folder, which has no challenger.")
        named = (one for one in self._bundles.versions() if ALIAS in one.aliases)
        wanted = next(named, None)
        if wanted is None:
            return Standing("waiting", "No registered version is the challenger.")
        if wanted.sha256 == champion.sha256:
            return Standing("waiting", "The challenger is the champion itself.")
        kept = self._standing.challenger
        if kept is not None and (kept.version, kept.sha256) == (wanted.version, wanted.sha256):
            return self._standing
        return self._brought(wanted)

    def _brought(self, wanted: KnownVersion) -> Standing:
        try:
            challenger = self._bundles.version(wanted.version)
        except (NotReadyError, NotFoundError) as error:
            refusal = self._bundles.progress.other_refusals.get(wanted.version)
            state: State = "waiting" if refusal is None else "refused"
            return Standing(state, refusal or error.found)
        if challenger.sha256 != wanted.sha256:
            return Standing("waiting", f"Version {wanted.version} is another bundle by now.")
        return Standing("on", "", challenger)
