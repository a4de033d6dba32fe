"""The scores of many drugs from the values of the needed genes, in a few matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.feature_arrays import FeatureArrays
from models.compiled.forest import Forest
from models.drug_model import DrugModel

FloatArray = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Needed:
    """The needed genes of n profiles, on the scale of the training cohort.

    Attributes
    ----------
    values, z
        (n, n_genes) log2 values, and the same standardised.
    lineage
        (n,) column of each lineage; -1 for one that is not known.
    """

    values: FloatArray
    z: FloatArray
    lineage: Places


@dataclass(frozen=True, slots=True, eq=False)
class LinearBlock:
    """The linear scores of some drugs.

    Attributes
    ----------
    weights
        (n_drugs, n_genes) on z values where all features are sums of them, else
        (n_drugs, n_features) on features.
    constants
        (n_lineages + 1, n_drugs) intercept plus what a lineage adds; the last row is for one that
        is not known. One row where no lineage is left to add.
    """

    weights: FloatArray
    constants: FloatArray

    @classmethod
    def of(cls, models: Sequence[DrugModel], arrays: FeatureArrays) -> LinearBlock:
        """Fold coefficients on features into weights on genes, where that can be done."""
        linear = [model.linear for model in models if model.linear is not None]
        coefficients = np.array([score.coefficients for score in linear])
        coefficients = coefficients.reshape(len(linear), arrays.n_features)
        intercepts = np.array([score.intercept for score in linear], dtype=np.float64)
        if not arrays.is_affine:
            return cls(coefficients, intercepts[None])
        known = np.arange(len(arrays.coding.lineages))
        columns = arrays.coding.encode_places(np.append(known, -1))
        of_lineage = columns @ coefficients[:, arrays.lineage_columns].T
        return cls(coefficients @ arrays.z_map().T, intercepts + of_lineage)

    def pick(self, drugs: Places) -> LinearBlock:
        """Keep some drugs."""
        return LinearBlock(self.weights[drugs], self.constants[:, drugs])

    def scores(self, inputs: FloatArray, lineage: Places) -> FloatArray:
        """(n, n_drugs) scores of z values or features."""
        scores: FloatArray = inputs @ self.weights.T
        scores += self.constants if len(self.constants) == 1 else self.constants[lineage]
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """The scores of some drugs, in their order.

    Attributes
    ----------
    linear, trees
        Scores of either kind; None where no drug has one.
    linear_at, trees_at
        Where their drugs stand among all.
    """

    arrays: FeatureArrays
    linear: LinearBlock | None
    linear_at: Places
    trees: Forest | None
    trees_at: Places

    @classmethod
    def of(cls, models: Sequence[DrugModel], arrays: FeatureArrays) -> Scorer:
        """Join the classifiers of drugs."""
        is_linear = np.array([model.linear is not None for model in models], dtype=np.bool_)
        grown = [model.trees for model in models if model.trees is not None]
        return cls(
            arrays=arrays,
            linear=LinearBlock.of(models, arrays) if is_linear.any() else None,
            linear_at=np.flatnonzero(is_linear),
            trees=Forest.of(grown) if grown else None,
            trees_at=np.flatnonzero(~is_linear),
        )

    def pick(self, drugs: Places) -> Scorer:
        """Keep some drugs, in the order given."""
        linear = _found(self.linear_at, drugs)
        trees = _found(self.trees_at, drugs)
        return Scorer(
            arrays=self.arrays,
            linear=self.linear.pick(linear[linear >= 0])
            if self.linear is not None and (linear >= 0).any()
            else None,
            linear_at=np.flatnonzero(linear >= 0),
            trees=self.trees.pick(trees[trees >= 0])
            if self.trees is not None and (trees >= 0).any()
            else None,
            trees_at=np.flatnonzero(trees >= 0),
        )

    def scores(self, needed: Needed) -> FloatArray:
        """(n, n_drugs) scores; higher = more sensitive."""
        features = None
        if self.trees is not None or not self.arrays.is_affine:
            features = self.arrays.features(needed.values, needed.lineage)
        linear = self._linear_scores(needed, features)
        if self.trees is None or features is None:
            return linear
        scores = np.empty((len(features), len(self.linear_at) + len(self.trees_at)))
        scores[:, self.linear_at] = linear
        scores[:, self.trees_at] = self.trees.margins(features)
        return scores

    def _linear_scores(self, needed: Needed, features: FloatArray | None) -> FloatArray:
        if self.linear is None:
            return np.empty((len(needed.z), 0))
        if self.arrays.is_affine or features is None:
            return self.linear.scores(needed.z, needed.lineage)
        return self.linear.scores(features, needed.lineage)


def _found(places: Places, wanted: Places) -> Places:
    """Position of each wanted place among `places`, which ascend; -1 where it is not there."""
    at = np.searchsorted(places, wanted)
    at[at == len(places)] = 0
    hit = places[at] == wanted if len(places) else np.zeros(len(wanted), dtype=np.bool_)
    return np.where(hit, at, -1)
