"""Which bundle a report is asked of: the one that answers, or another that is at hand."""

from __future__ import annotations

import re

from serving.bundles.holder import ServedBundles
from serving.bundles.served import ServedBundle
from serving.errors import NotFoundError

CHAMPION = "champion"
PATTERN = r"^(champion|[1-9][0-9]{0,17}|[0-9a-f]{8,64})$"
_SHA256 = re.compile(r"[0-9a-f]{8,64}")


def choose_bundle(bundles: ServedBundles, asked: str) -> ServedBundle:
    """Return the bundle that answers for `champion`; else a version by its number or its sha256.

    Eight digits of the sha256 or more are enough where they tell bundles apart. What is a version
    and the beginning of a sha256 is a version.

    Raises
    ------
    NotFoundError
        No bundle fits, or several do.
    NotReadyError
        There is no bundle, or the version is being fetched, or was refused: it says why.
    """
    if asked == CHAMPION:
        return bundles.require()
    current = bundles.require()
    numbers = {known.version: known.sha256 for known in bundles.versions()}
    if asked in numbers or asked == current.version:
        return bundles.version(asked)
    is_sha256 = _SHA256.fullmatch(asked) is not None
    fits = {sha: number for number, sha in numbers.items() if is_sha256 and sha.startswith(asked)}
    if is_sha256 and current.sha256.startswith(asked) and set(fits) <= {current.sha256}:
        return current
    if len(fits) != 1:
        raise NotFoundError(
            "Several bundles begin like this." if fits else "No such bundle is registered.",
            needed=f"`{CHAMPION}`, the number of a version, or the sha256 of a bundle.",
            remedy="look it up at /v1/bundles.",
        )
    return bundles.version(next(iter(fits.values())))
