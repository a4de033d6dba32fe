"""What there is to judge about a bundle: one finding a drug, kind and subject."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.drug_model import STATUSES, Status
from serving.reviews.words import KINDS, Kind

PLACES_OF_KIND, PLACES_OF_STATUS = 100_000, 10_000
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a drug's classifier that a biologist can judge.

    Attributes
    ----------
    subject
        Gene, gene set or process; "ranking of genes" for what concerns all of them.
    summary
        One sentence.
    figures
        What the sentence rests on (JSON).
    priority
        The queue's order, lowest first.
    """

    bundle_sha256: str
    drug: str
    kind: Kind
    subject: str
    summary: str
    figures: Mapping[str, Any]
    priority: int

    @property
    def id(self) -> str:
        """32 hexadecimal digits, the same whenever the same bundle is looked at."""
        parts = json.dumps([self.bundle_sha256, self.drug, self.kind, self.subject])
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class DrugFigures:
    """A drug as those who sign it off see it.

    Attributes
    ----------
    figures
        The headline figures of its evidence card (JSON).
    figures_sha256
        Hash of the whole evidence card and of all findings of the drug.
    """

    drug: str
    status: Status
    figures: Mapping[str, Any]
    figures_sha256: str


@dataclass(frozen=True, slots=True)
class ReviewMaterial:
    """All that is to be reviewed of one bundle."""

    bundle_sha256: str
    name: str
    cohort: str
    simulated: bool
    drugs: tuple[DrugFigures, ...]
    findings: tuple[Finding, ...]


def priority_of(kind: Kind, status: Status, share: float) -> int:
    """Order by kind, then by what the evidence of the drug amounts to, then by weight.

    Parameters
    ----------
    share
        Weight in the drug's answers, 0 to 1.
    """
    light = round((1 - min(max(share, 0.0), 1.0)) * (PLACES_OF_STATUS - 1))
    of_kind, of_status = KINDS.index(kind), STATUSES.index(status)
    return of_kind * PLACES_OF_KIND + of_status * PLACES_OF_STATUS + light


def figures_sha256(card: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """Hash what a decision about a drug rests on; the order of findings does not matter."""
    listed = sorted((one.kind, one.subject, one.summary, plain(one.figures)) for one in findings)
    return hashlib.sha256(canonical({"card": card, "findings": listed}).encode()).hexdigest()


def canonical(content: Any) -> str:
    """Write JSON in one form alone: sorted, without blanks, what is not finite as null."""
    return json.dumps(
        plain(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def plain(content: Any) -> Any:
    """Make JSON of mappings, sequences and numbers, with numbers to six digits."""
    if isinstance(content, Mapping):
        return {str(name): plain(one) for name, one in content.items()}
    if isinstance(content, list | tuple):
        return [plain(one) for one in content]
    if isinstance(content, bool | int | str) or content is None:
        return content
    number = float(content)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None
