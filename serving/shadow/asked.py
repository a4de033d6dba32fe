"""Which requests the challenger answers too, and what is handed over of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.predictions.question import Question

DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class ShadowAsked:
    """A request that was answered, for the challenger to answer too.

    Attributes
    ----------
    question
        What was asked.
    champion
        The bundle that answered the caller.
    answers
        What it answered.
    champion_seconds
        Processor time that it took.
    """

    question: Question
    champion: ServedBundle
    answers: CompiledAnswers
    champion_seconds: float

    @property
    def n_cells(self) -> int:
        """Values and answers that wait in memory."""
        return self.question.profiles.values.size + self.answers.set_codes.size


def is_chosen(request_id: str, share: float) -> bool:
    """Whether a request belongs to the share; the same id always does, or never.

    Parameters
    ----------
    share
        Of all requests, 0 to 1.
    """
    if share <= 0 or share >= 1:
        return share >= 1
    digest = hashlib.blake2b(request_id.encode(), digest_size=DIGEST_BYTES).digest()
    return int.from_bytes(digest, "big") < share * (1 << 8 * DIGEST_BYTES)
