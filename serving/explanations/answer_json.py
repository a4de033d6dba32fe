"""Explanations as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from features.gene_sets import Direction
from models.compiled.explanations import largest
from serving.explanations.claim_index import ClaimIndex
from serving.predictions.answer_json import (
    bundle_fragment,
    coverage_json,
    prediction_records,
    sample_records,
)

if TYPE_CHECKING:
    from models.attribution import Attributions
    from models.compiled import CompiledExplanations
    from models.domain import NearLine
    from serving.bundles.served import ServedBundle

COVARIATES = frozenset({"lineage", "proliferation"})
DIRECTIONS: dict[int, Direction | None] = {1: "sensitivity", -1: "resistance", 0: None}


def explanations_json(
    explained: CompiledExplanations,
    nearest: Sequence[Sequence[NearLine]],
    served: ServedBundle,
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
    claims
        Looks up the claims about an entry.
    """
    answers = explained.answers
    return orjson.dumps(
        {
            "bundle": bundle_fragment(served),
            "level": answers.level,
            "alignment": answers.alignment,
            "gene_coverage": coverage_json(answers.coverage),
            "samples": _samples(explained, nearest),
            "warnings": answers.notes,
            "explanations": list(_records(explained, claims)),
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


def _records(explained: CompiledExplanations, claims: ClaimIndex) -> Iterator[dict[str, Any]]:
    """One record a sample and drug: the prediction, and what it is made of."""
    genes = explained.genes
    base, residual = genes.base_log_odds.tolist(), genes.residual.tolist()
    sums = genes.log_odds.sum(axis=2).tolist()
    of_genes = _entries(genes, explained.top, "gene", claims)
    of_sets = _entries(explained.sets, _top_sets(explained), "gene set", claims)
    n_drugs = len(genes.drugs)
    for place, prediction in enumerate(prediction_records(explained.answers)):
        at, of = divmod(place, n_drugs)
        yield {
            **prediction,
            "base_log_odds": base[of],
            "log_odds": base[of] + sums[at][of],
            "additivity_residual": residual[at][of],
            "genes": next(of_genes),
            "gene_sets": next(of_sets),
        }


def _top_sets(explained: CompiledExplanations) -> NDArray[np.intp]:
    return largest(explained.sets.log_odds, explained.top.shape[2])


def _entries(
    given: Attributions, places: NDArray[np.intp], kind: str, claims: ClaimIndex
) -> Iterator[list[dict[str, Any]]]:
    """Entries of each sample and drug, in the order of `places`."""
    log_odds = np.take_along_axis(given.log_odds, places, axis=2)
    values = given.values[np.arange(len(places))[:, None, None], places]
    totals = (
        log_odds
        if given.set_totals is None
        else np.take_along_axis(given.set_totals, places, axis=2)
    )
    # What higher expression goes with, by what a value away from the mean gave.
    directions = np.nan_to_num(np.sign(log_odds * values)).astype(np.int8)
    names, found = given.names, claims.found
    kinds = [name if name in COVARIATES else kind for name in names]
    parts = [part.tolist() for part in (places, log_odds, totals, values, directions)]
    for at in range(len(places)):
        for of, drug in enumerate(given.drugs):
            entries = zip(*[part[at][of] for part in parts], strict=True)
            yield [
                {
                    "name": names[place],
                    "kind": kinds[place],
                    "attribution_log_odds": attribution,
                    "total_log_odds": total,
                    "value_z": value,  # orjson writes NaN, of a covariate, as null
                    "higher_expression_goes_with": DIRECTIONS[sign],
                    "claims": found(drug, names[place], DIRECTIONS[sign]),
                }
                for place, attribution, total, value, sign in entries
            ]
