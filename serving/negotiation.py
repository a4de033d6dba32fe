"""In which form an answer is given: what the caller accepts most among what there is."""

from __future__ import annotations

from collections.abc import Sequence

from serving.errors import NotAcceptableError

LONGEST_HEADER = 1_000


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """Choose one of the media types offered; the first where the caller does not care.

    Parameters
    ----------
    accept
        The Accept header (RFC 9110, section 12.5.1), None where there was none.
    offered
        Media types without parameters, the preferred first.

    Raises
    ------
    NotAcceptableError
        The caller accepts none of them.
    """
    if not accept or accept == "*/*":
        return offered[0]
    asked = [_range(part) for part in accept[:LONGEST_HEADER].split(",")]
    best, chosen = 0.0, None
    for media_type in offered:
        quality = _quality(media_type, asked)
        if quality > best:
            best, chosen = quality, media_type
    if chosen is None:
        raise NotAcceptableError(
            "The Accept header names no form that this route answers in.",
            needed=f"one of {', '.join(offered)}.",
            remedy="change the Accept header, or leave it out.",
        )
    return chosen


def _range(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_type, quality if quality == quality else 0.0


def _quality(media_type: str, asked: Sequence[tuple[str, float]]) -> float:
    """Quality by the most specific range that fits; 0 where none does."""
    kind = media_type.split("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        fitting = [quality for name, quality in asked if name == wanted]
        if fitting:
            return max(fitting)
    return 0.0
