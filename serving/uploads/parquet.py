"""Answers as Parquet, the columns of the CSV. Imports pyarrow: only readers do."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.conformal import CONFORMAL_SETS, LABELS
from serving.predictions.answer_csv import COLUMNS
from serving.uploads.frames import Frame

PROBABILITY, CODE = np.dtype("<f8"), np.dtype("i1")


def write_parquet(order: Frame) -> Frame:
    """Write answers as a Parquet file, one row a sample and drug.

    Parameters
    ----------
    order
        As `serving.uploads.answer_parquet` makes it: names and what holds for all rows in the
        header; probabilities, then codes of conformal sets, in the payload.
    """
    table = table_of(order)
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return Frame({}, file.getbuffer())


def table_of(order: Frame) -> pa.Table:
    """Make the table, column by column."""
    header = order.header
    samples, drugs = header["samples"], header["drugs"]
    n_rows = len(samples) * len(drugs)
    probability = np.frombuffer(order.payload, PROBABILITY, n_rows)
    codes = np.frombuffer(order.payload, CODE, n_rows, PROBABILITY.itemsize * n_rows)

    def each_sample(values: list[Any], kind: pa.DataType) -> pa.Array:
        places = np.repeat(np.arange(len(samples)), len(drugs))
        return pa.array(values, kind).take(pa.array(places))

    def each_drug(values: list[str]) -> pa.Array:
        return pa.array(values, pa.string()).take(pa.array(_tiled(len(drugs), len(samples))))

    def by_code(words: tuple[str, ...]) -> pa.Array:
        return pa.array(words, pa.string()).take(pa.array(codes))

    columns = {
        "sample_id": each_sample(samples, pa.string()),
        "drug": each_drug(drugs),
        "probability_sensitive": pa.array(probability),
        "label": by_code(LABELS),
        "status": each_drug(header["statuses"]),
        "approval": each_drug(header["approvals"]),
        "approval_limits": each_drug(header["approval_limits"]),
        "conformal_set": by_code(CONFORMAL_SETS),
        "domain_percentile": each_sample(header["domain_percentile"], pa.float64()),
        "lineage_used": each_sample(header["lineage_used"], pa.string()),
        **{name: pa.repeat(pa.scalar(value), n_rows) for name, value in header["of_all"].items()},
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _tiled(n_drugs: int, n_samples: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.tile(np.arange(n_drugs), n_samples)
