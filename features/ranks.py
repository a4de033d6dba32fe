"""Ranks within a sample. A sample's ranks never depend on any other sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.gene_values import FloatArray


def within_sample_ranks(values: FloatArray) -> FloatArray:
    """Rank the genes of every sample, 1 for the lowest; ties share their mean rank.

    Parameters
    ----------
    values
        Samples x genes, finite.

    Returns
    -------
    ndarray
        Samples x genes, from 1 to the number of genes; whole and half numbers, so exact.
    """
    order = np.argsort(values, axis=1)
    ascending = np.take_along_axis(values, order, axis=1)
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, _mean_ranks_of_ascending(ascending), axis=1)
    return ranks


def mid_ranks_in_unit_interval(values: FloatArray) -> FloatArray:
    """Scale within-sample ranks into (0, 1): (rank - 0.5) / number of genes."""
    ranks: FloatArray = (within_sample_ranks(values) - 0.5) / values.shape[1]
    return ranks


def _mean_ranks_of_ascending(ascending: FloatArray) -> FloatArray:
    n_samples, n_genes = ascending.shape
    places = np.broadcast_to(np.arange(n_genes), (n_samples, n_genes))
    starts: npt.NDArray[np.bool_] = np.ones((n_samples, n_genes), dtype=np.bool_)
    starts[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    if starts.all():
        return np.asarray(places + 1.0, dtype=np.float64)
    ends = np.ones_like(starts)
    ends[:, :-1] = starts[:, 1:]
    first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    backwards = np.where(ends, places, n_genes)[:, ::-1]
    last = np.minimum.accumulate(backwards, axis=1)[:, ::-1]
    return np.asarray((first + last) / 2.0 + 1.0, dtype=np.float64)
