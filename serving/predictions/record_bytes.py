"""The records of predictions as JSON, written from pieces: three times faster than from objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import orjson

from models.conformal import CONFORMAL_SETS, LABELS

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers

CONFORMAL_LISTS: tuple[list[str], ...] = (
    [],
    ["sensitive"],
    ["resistant"],
    ["sensitive", "resistant"],
)
PIECES = 5  # of a record: its sample, its drug, the probability, what the set says, the percentile


@dataclass(frozen=True, slots=True)
class DrugPieces:
    """What records say of drugs, whatever the sample.

    Attributes
    ----------
    heads
        (d,) from the name of the drug to its probability.
    tails
        (d * 4,) what follows on the probability, by drug and then by code of the set.
    first_tail
        (d,) place of each drug's first tail.
    """

    heads: list[bytes]
    tails: list[bytes]
    first_tail: np.ndarray[tuple[int], np.dtype[np.intp]]


def prediction_bytes(answers: CompiledAnswers) -> bytes:
    """Encode one record a sample and drug, samples first, as a JSON array."""
    pieces_of = _drug_pieces(answers.drugs, answers.statuses)
    n_samples, n_drugs = answers.set_codes.shape
    whole = [b""] * (PIECES * n_samples * n_drugs)
    whole[0::PIECES] = _for_each_drug(
        [b',{"sample_id":' + orjson.dumps(sample) for sample in answers.sample_ids], n_drugs
    )
    whole[1::PIECES] = pieces_of.heads * n_samples
    whole[2::PIECES] = _numbers(answers.probability_sensitive.ravel())
    tails = (answers.set_codes + pieces_of.first_tail).ravel().tolist()
    whole[3::PIECES] = map(pieces_of.tails.__getitem__, tails)
    percentiles = [number + b"}" for number in _numbers(answers.domain_percentile)]
    whole[4::PIECES] = _for_each_drug(percentiles, n_drugs)
    whole[0] = whole[0][1:]
    return b"[" + b"".join(whole) + b"]"


def _for_each_drug(pieces: list[bytes], n_drugs: int) -> list[bytes]:
    if len(pieces) == 1:
        return pieces * n_drugs
    return [piece for piece in pieces for _ in range(n_drugs)]


def _numbers(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[bytes]:
    """Numbers as JSON; null where one is not finite."""
    return orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")


@lru_cache(maxsize=16)
def _drug_pieces(drugs: tuple[str, ...], statuses: tuple[str, ...]) -> DrugPieces:
    said = [
        b',"label":%b,"conformal_set":%b,"status":'
        % (orjson.dumps(label), orjson.dumps(CONFORMAL_LISTS[code]))
        for code, label in enumerate(LABELS)
    ]
    return DrugPieces(
        heads=[b',"drug":%b,"probability_sensitive":' % orjson.dumps(drug) for drug in drugs],
        tails=[
            b'%b%b,"domain_percentile":' % (words, orjson.dumps(status))
            for status in statuses
            for words in said
        ],
        first_tail=np.arange(len(drugs)) * len(CONFORMAL_SETS),
    )
