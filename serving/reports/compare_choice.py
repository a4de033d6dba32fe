"""Which two bundles are compared, and which others are at hand."""

from __future__ import annotations

import re
from typing import Any

from serving.bundles.holder import ServedBundles
from serving.bundles.messages import KnownVersion
from serving.bundles.served import ServedBundle
from serving.errors import NotFoundError, NotReadyError
from serving.reports.choice import CHAMPION, PATTERN, choose_bundle

CHALLENGER = "challenger"
SIDE_PATTERN = r"^[a-z0-9_-]{1,64}$"
RETRY_SECONDS = 5.0
_KNOWN_FORMS = re.compile(PATTERN)


def choose_side(bundles: ServedBundles, asked: str) -> ServedBundle:
    """Return the bundle of an alias of the store, a version, or a sha256; `champion` answers.

    Raises
    ------
    NotFoundError
        No bundle fits, or several do.
    NotReadyError
        There is no bundle, the store was not read yet, or the version is being fetched, or was
        refused: it says why.
    """
    if asked != CHAMPION:
        for known in bundles.versions():
            if asked in known.aliases:
                return bundles.version(known.version)
        if is_unread(bundles):
            raise NotReadyError(
                "The store has not been read yet since the service started.",
                needed="a list of the registered bundles.",
                remedy="ask again in a few seconds.",
                retry_after_seconds=RETRY_SECONDS,
            )
        if not _KNOWN_FORMS.fullmatch(asked):
            raise NotFoundError(
                f"No registered bundle is the {asked}.",
                needed="an alias such as champion, the number of a version, or a sha256.",
                remedy="look it up at /v1/bundles, or train a challenger.",
            )
    return choose_bundle(bundles, asked)


def is_unread(bundles: ServedBundles) -> bool:
    """Whether there is a store whose list of versions is not known yet."""
    current = bundles.current()
    return not bundles.progress.looked and current is not None and current.source != "folder"


def usual_other(bundles: ServedBundles) -> str | None:
    """Say with what the bundle that answers is compared first; None where there is no other."""
    if is_unread(bundles):
        return CHALLENGER
    current = bundles.current()
    others = [
        one for one in bundles.versions() if current is None or one.version != current.version
    ]
    if any(CHALLENGER in one.aliases for one in others):
        return CHALLENGER
    return others[0].version if others else None


def at_hand(bundles: ServedBundles) -> list[dict[str, Any]]:
    """List registered versions, newest first, with what stands in the way of comparing each."""
    current = bundles.current()
    rows = [_row(bundles, current, known) for known in bundles.versions()]
    if current is not None and not any(row["state"] == "answers" for row in rows):
        rows.insert(0, _unlisted(current))
    return rows


def _row(
    bundles: ServedBundles, current: ServedBundle | None, known: KnownVersion
) -> dict[str, Any]:
    refusal = bundles.progress.other_refusals.get(known.version)
    if current is not None and (current.version, current.sha256) == (known.version, known.sha256):
        state = "answers"
    elif bundles.kept(known.version, known.sha256) is not None:
        state = "at hand"
    else:
        state = "not at hand" if refusal is None else "refused"
    return {
        "version": known.version,
        "sha256": known.sha256,
        "aliases": list(known.aliases),
        "cohort": known.tags.get("cohort"),
        "state": state,
        "reason": refusal,
    }


def _unlisted(current: ServedBundle) -> dict[str, Any]:
    return {
        "version": current.version,
        "sha256": current.sha256,
        "aliases": [],
        "cohort": current.bundle.cohort,
        "state": "answers",
        "reason": None,
    }
