"""The values of a request, as the matrix that all later steps work on."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.errors import CellError
from features.expression import SCALES, Scale
from features.readers.duplicates import check_sample_names
from features.scales import ValueSummary, check_scale, contradicts, to_log2
from models.errors import PredictionError
from models.profile_values import refuse_non_finite


def profile_values(values: ArrayLike, genes: Sequence[str], *, source: str) -> NDArray[np.float32]:
    """Copy values to samples x genes, float32, finite.

    Raises
    ------
    PredictionError
        No sample, no gene, or another number of columns than genes.
    CellError
        A value is not a number, or not finite as float32.
    """
    return _finite(values, genes, source)[0]


def log2_values(
    values: ArrayLike, genes: Sequence[str], scale: Scale, *, source: str
) -> NDArray[np.float32]:
    """Copy values to samples x genes, float32, finite, held to their scale, and log2.

    Raises
    ------
    PredictionError, CellError
        As in `profile_values`.
    ScaleError
        The values contradict the scale.
    """
    matrix, extremes = _finite(values, genes, source)
    fits = scale in SCALES and not contradicts(ValueSummary.of(matrix, extremes=extremes), scale)
    if not fits:
        check_scale(matrix, scale, source=source)
    return to_log2(matrix, scale)[0]


def _finite(
    values: ArrayLike, genes: Sequence[str], source: str
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Give the matrix with its smallest and its largest value."""
    matrix = _matrix(values, source)
    if matrix.ndim != 2 or not matrix.size or matrix.shape[1] != len(genes):
        raise PredictionError(
            f"{source} holds values of shape {matrix.shape} for {len(genes)} genes.",
            needed="at least one sample and one gene, and a value for each.",
            remedy="pass a row a sample and a column a gene.",
        )
    # NaN passes through both, so that two numbers tell of all.
    smallest, largest = np.minimum.reduce(matrix, axis=None), np.maximum.reduce(matrix, axis=None)
    if not (isfinite(smallest) and isfinite(largest)):
        refuse_non_finite(matrix, genes, source=source)
    return matrix, (float(smallest), float(largest))


def _matrix(values: ArrayLike, source: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # too large for float32 is refused as not finite
        try:
            return np.array(values, dtype=np.float32, order="C")
        except (TypeError, ValueError) as error:
            raise CellError(
                f"{source} holds something other than numbers, or rows of different length.",
                needed="a number for every gene of every sample.",
                remedy="pass a row a sample and a column a gene.",
            ) from error


def sample_names(names: Sequence[str] | None, n_samples: int, *, source: str) -> tuple[str, ...]:
    """Check the names of samples, or number them.

    Raises
    ------
    SampleError
        A name is empty, or there twice.
    PredictionError
        Another number of names than samples.
    """
    if names is None:
        return tuple([f"profile_{number}" for number in range(1, n_samples + 1)])
    if len(names) != n_samples:
        raise PredictionError(
            f"{source} holds {n_samples} samples, and {len(names)} names of samples.",
            needed="one name a sample.",
            remedy="name every sample, or none.",
        )
    check_sample_names(names, source)
    return tuple(names)
