"""The records of explanations as JSON, written from pieces (see `serving.predictions`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import orjson
from numpy.typing import NDArray

from models.compiled.explanations import largest
from serving.explanations.claim_index import N_SIGNS, ClaimIndex
from serving.predictions.record_bytes import Column, array_of, numbers, prediction_columns

if TYPE_CHECKING:
    from models.attribution import Attributions
    from models.compiled import CompiledExplanations
    from serving.reviews.marks import Marks

COVARIATES = frozenset({"lineage", "proliferation"})


def explanation_bytes(explained: CompiledExplanations, marks: Marks, claims: ClaimIndex) -> bytes:
    """Encode one record a sample and drug, samples first: the prediction, and what it rests on."""
    genes, sets = explained.genes, explained.sets
    n_samples, n_drugs = genes.residual.shape
    log_odds = genes.base_log_odds + genes.log_odds.sum(axis=2)

    def always(piece: bytes) -> Column:
        return [piece] * (n_samples * n_drugs)

    top_sets = largest(sets.log_odds, explained.top.shape[2])
    return array_of(
        [
            *prediction_columns(explained.answers, marks, after=b',"base_log_odds":'),
            numbers(genes.base_log_odds) * n_samples,
            always(b',"log_odds":'),
            numbers(log_odds),
            always(b',"additivity_residual":'),
            numbers(genes.residual),
            always(b',"genes":['),
            *_entry_columns(genes, explained.top, "gene", claims),
            always(b'],"gene_sets":['),
            *_entry_columns(sets, top_sets, "gene set", claims),
            always(b"]}"),
        ]
    )


def _entry_columns(
    given: Attributions, places: NDArray[np.intp], kind: str, claims: ClaimIndex
) -> list[Column]:
    """Columns of the entries of each sample and drug, in the order of `places`."""
    n_samples, n_drugs, n_entries = places.shape
    n_names = len(given.names)
    log_odds = np.take_along_axis(given.log_odds, places, axis=2)
    in_sample = np.arange(n_samples)[:, None, None] * n_names + places
    # What higher expression goes with, by what a value away from the mean gave.
    signs = np.nan_to_num(np.sign(log_odds * given.values.take(in_sample))).astype(np.intp)
    in_tails = (np.arange(n_drugs)[:, None] * n_names + places) * N_SIGNS + signs % N_SIGNS
    heads, values = _heads(given.names, kind), _values(given)
    tails = claims.tails(given.drugs, given.names)
    attributions = totals = numbers(log_odds)
    if given.set_totals is not None:
        totals = numbers(np.take_along_axis(given.set_totals, places, axis=2))
    columns: list[Column] = []
    for at in range(n_entries):
        columns += [
            _picked(heads[at > 0], places[:, :, at]),
            attributions[at::n_entries],
            [b',"total_log_odds":'] * (n_samples * n_drugs),
            totals[at::n_entries],
            _picked(values, in_sample[:, :, at]),
            _picked(tails, in_tails[:, :, at]),
        ]
    return columns


def _picked(pieces: Sequence[bytes] | Mapping[int, bytes], places: NDArray[np.intp]) -> Column:
    return [pieces[place] for place in places.ravel().tolist()]


@lru_cache(maxsize=8)
def _heads(names: tuple[str, ...], kind: str) -> tuple[list[bytes], list[bytes]]:
    """By entry, what comes before its attribution: in the first of a list, and further on."""
    first = [
        b'{"name":%b,"kind":%b,"attribution_log_odds":'
        % (orjson.dumps(name), orjson.dumps(name if name in COVARIATES else kind))
        for name in names
    ]
    return first, [b"," + head for head in first]


def _values(given: Attributions) -> list[bytes]:
    """By sample and entry, its value; null for a covariate, which has none."""
    after = b',"higher_expression_goes_with":'
    return [b',"value_z":' + value + after for value in numbers(given.values)]
