"""What the shadow found, put together for whoever asks."""

from __future__ import annotations

from typing import Any

from serving.errors import InvalidField, InvalidRequestError, NotFoundError
from serving.services import Services
from serving.shadow.recorder import LEAST_PROFILES
from serving.shadow.schemas import ShadowQuery
from serving.shadow.store import Pair, list_pairs, shadow_summary


def shadow_answer(services: Services, query: ShadowQuery) -> dict[str, Any]:
    """Answer with the state of the shadow, and what was found about one pair.

    Raises
    ------
    InvalidRequestError
        One bundle of a pair was named, the other not.
    NotFoundError
        The pair that was asked for was never compared.
    DatabaseAwayError
        If the database does not answer.
    """
    database, shadow = services.access.database, services.shadow
    pairs = list_pairs(database)
    key = _asked(query) or next((_hashes(pair) for pair, _ in pairs), None)
    found = None if key is None else shadow_summary(database, *key)
    if found is None and query.challenger is not None:
        raise NotFoundError(
            "These two bundles were never compared in the shadow.",
            needed="the sha256 of a challenger and of the champion that it was held against.",
            remedy="leave both out for the pair that was compared last.",
        )
    standing = shadow.standing
    answers = standing.challenger
    return {
        "share": shadow.share,
        "state": standing.state,
        "reason": standing.reason,
        "challenger_version": None if answers is None else answers.version,
        "requests": shadow.requests,
        "least_profiles": LEAST_PROFILES,
        "pairs": [
            {
                "challenger": {"version": pair.challenger, "sha256": pair.challenger_sha256},
                "champion": {"version": pair.champion, "sha256": pair.champion_sha256},
                "last_at": last_at.isoformat(timespec="seconds"),
            }
            for pair, last_at in pairs
        ],
        "pair": None if found is None else found.to_json(),
    }


def _asked(query: ShadowQuery) -> tuple[str, str] | None:
    if query.challenger is not None and query.champion is not None:
        return query.challenger, query.champion
    if query.challenger is None and query.champion is None:
        return None
    absent = "champion" if query.champion is None else "challenger"
    raise InvalidRequestError(
        "One bundle of a pair was named, the other not.",
        needed="both `challenger` and `champion`, or neither.",
        remedy=f"add `{absent}`.",
        errors=[InvalidField(f"?{absent}", "must be given as well")],
    )


def _hashes(pair: Pair) -> tuple[str, str]:
    return pair.challenger_sha256, pair.champion_sha256
