"""Explanations as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from serving.explanations.claim_index import ClaimIndex
from serving.explanations.record_bytes import explanation_bytes
from serving.predictions.answer_json import bundle_fragment, coverage_fragment, sample_records

if TYPE_CHECKING:
    from models.compiled import CompiledExplanations
    from models.domain import NearLine
    from serving.bundles.served import ServedBundle
    from serving.reviews.answered import Review


def explanations_json(
    explained: CompiledExplanations,
    nearest: Sequence[Sequence[NearLine]],
    served: ServedBundle,
    review: Review,
    claims: ClaimIndex,
) -> bytes:
    """Encode explanations as the body of a response.

    Parameters
    ----------
    explained
        Attributions with the answers that they explain.
    nearest
        Training lines near each sample.
    served
        What answered.
    review
        What reviewers decided about the drugs.
    claims
        Looks up the claims about an entry.
    """
    answers = explained.answers
    return orjson.dumps(
        {
            "bundle": bundle_fragment(served),
            "level": answers.level,
            "alignment": answers.alignment,
            "gene_coverage": coverage_fragment(answers.coverage),
            "samples": _samples(explained, nearest),
            "warnings": answers.notes,
            "reviews": review.to_json(),
            "explanations": orjson.Fragment(explanation_bytes(explained, review.marks, claims)),
        }
    )


def _samples(
    explained: CompiledExplanations, nearest: Sequence[Sequence[NearLine]]
) -> list[dict[str, Any]]:
    records = sample_records(explained.answers)
    lines: Sequence[Sequence[NearLine]] = nearest or [()] * len(records)
    return [
        {
            **record,
            "nearest_training_lines": [
                {"training_line": near.sample, "lineage": near.lineage, "distance": near.distance}
                for near in near_lines
            ],
        }
        for record, near_lines in zip(records, lines, strict=True)
    ]
