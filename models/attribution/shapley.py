"""Shapley values of one path through a tree, whatever its length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def path_shapley(zero: FloatArray, one: NDArray[np.bool_]) -> FloatArray:
    """Give what each condition of a path adds to the chance of coming to its end.

    A coalition of features comes to the end of the path with the product, over the path's
    features, of `one` for those inside it and of `zero` for those outside. The sum over coalitions
    of size s with Shapley's weights s! (d - 1 - s)! / d! is the integral over t from 0 to 1 of the
    product over the other features of (one * t + zero * (1 - t)): a polynomial of degree d - 1,
    which Gauss and Legendre's nodes integrate exactly. All terms are positive, so nothing is lost
    by cancellation.

    Parameters
    ----------
    zero
        (..., d) share of the training lines at a node that go the path's way; 1 for a condition
        that is none, which changes nothing.
    one
        (..., d) whether the row meets the condition. Both broadcast against each other.

    Returns
    -------
    ndarray
        (..., d); the sum over d is prod(one) - prod(zero).

    References
    ----------
    Lundberg 2020, doi:10.1038/s42256-019-0138-9: path-dependent TreeSHAP, whose values these are.
    """
    taken = one.astype(np.float64)
    depth = zero.shape[-1]
    total = np.zeros(np.broadcast(zero, taken).shape)
    nodes, weights = np.polynomial.legendre.leggauss((depth + 1) // 2)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        total += weight * _product_of_others(taken * node + zero * (1 - node))
    shapley: FloatArray = (taken - zero) * total
    return shapley


def _product_of_others(factors: FloatArray) -> FloatArray:
    """Product along the last axis without the entry itself; a factor of 0 is no trouble."""
    others = np.ones_like(factors)
    np.cumprod(factors[..., :-1], axis=-1, out=others[..., 1:])
    after = np.cumprod(factors[..., :0:-1], axis=-1)[..., ::-1]
    others[..., :-1] *= after
    return others
