"""The classifiers of all drugs as a few arrays, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import SigmoidCalibration
from models.conformal import ClassConditionalConformal
from models.drug_model import DrugModel
from models.linear import LinearScore
from models.trees import FlatTrees

NODE_ARRAYS = ("feature", "threshold", "left", "right", "default_left", "value")


def linear_arrays(models: Sequence[DrugModel], n_features: int) -> dict[str, NDArray[Any]]:
    """One row of coefficients a drug that has a linear score; `drug` is its place in the list."""
    linear = [(at, model.linear) for at, model in enumerate(models) if model.linear is not None]
    coefficients = np.empty((len(linear), n_features), dtype=np.float64)
    for row, (_, score) in enumerate(linear):
        coefficients[row] = score.coefficients
    return {
        "drug": np.array([at for at, _ in linear], dtype=np.int64),
        "coefficients": coefficients,
        "intercepts": np.array([score.intercept for _, score in linear], dtype=np.float64),
    }


def linear_scores(arrays: dict[str, NDArray[Any]]) -> dict[int, LinearScore]:
    """Linear scores by place of the drug."""
    rows = zip(arrays["drug"], arrays["coefficients"], arrays["intercepts"], strict=True)
    return {int(at): LinearScore(row, float(intercept)) for at, row, intercept in rows}


def tree_arrays(models: Sequence[DrugModel]) -> dict[str, NDArray[Any]]:
    """Nodes of all drugs behind each other; children and offsets count from a drug's first node."""
    grown = [(at, model.trees) for at, model in enumerate(models) if model.trees is not None]
    arrays: dict[str, NDArray[Any]] = {
        name: np.concatenate([np.zeros(0, dtype), *(getattr(trees, name) for _, trees in grown)])
        for name, dtype in zip(
            (*NODE_ARRAYS, "offsets"),
            (np.int32, np.float32, np.int32, np.int32, np.bool_, np.float32, np.int64),
            strict=True,
        )
    }
    if (cover := _covers([trees for _, trees in grown])) is not None:
        arrays["cover"] = cover
    arrays["drug"] = np.array([at for at, _ in grown], dtype=np.int64)
    arrays["n_nodes"] = np.array([len(trees.feature) for _, trees in grown], dtype=np.int64)
    arrays["n_trees"] = np.array([trees.n_trees for _, trees in grown], dtype=np.int64)
    arrays["base_margin"] = np.array([trees.base_margin for _, trees in grown], dtype=np.float64)
    return arrays


def _covers(grown: Sequence[FlatTrees]) -> NDArray[np.float32] | None:
    """Give the cover of all nodes, or None where some trees came from a bundle without it."""
    covers = [trees.cover for trees in grown if trees.cover is not None]
    if len(covers) < len(grown):
        return None
    return np.concatenate([np.zeros(0, np.float32), *covers])


def flat_trees(arrays: dict[str, NDArray[Any]], n_features: int) -> dict[int, FlatTrees]:
    """Trees by place of the drug; their indices are checked as they are made."""
    n_nodes, n_offsets = arrays["n_nodes"], arrays["n_trees"] + 1
    nodes = {name: _split(arrays[name], n_nodes) for name in NODE_ARRAYS}
    offsets = _split(arrays["offsets"], n_offsets)
    covers = _split(arrays["cover"], n_nodes) if "cover" in arrays else None
    return {
        int(at): FlatTrees(
            **{name: parts[row] for name, parts in nodes.items()},
            offsets=offsets[row],
            base_margin=float(arrays["base_margin"][row]),
            n_features=n_features,
            cover=None if covers is None else covers[row],
        )
        for row, at in enumerate(arrays["drug"])
    }


def calibration_arrays(models: Sequence[DrugModel]) -> dict[str, NDArray[Any]]:
    """Slope and intercept of each drug."""
    return {
        "slope": np.array([model.calibration.slope for model in models], dtype=np.float64),
        "intercept": np.array([model.calibration.intercept for model in models], dtype=np.float64),
    }


def calibrations(arrays: dict[str, NDArray[Any]]) -> list[SigmoidCalibration]:
    """Calibrations in the order of the drugs."""
    pairs = zip(arrays["slope"], arrays["intercept"], strict=True)
    return [SigmoidCalibration(float(slope), float(intercept)) for slope, intercept in pairs]


def conformal_arrays(models: Sequence[DrugModel]) -> dict[str, NDArray[Any]]:
    """Nonconformity scores of all drugs behind each other, with their counts."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in ("sensitive", "resistant"):
        scores = [getattr(model.conformal, name) for model in models]
        arrays[name] = np.concatenate([np.zeros(0), *scores])
        arrays[f"n_{name}"] = np.array([len(part) for part in scores], dtype=np.int64)
    return arrays


def conformals(arrays: dict[str, NDArray[Any]]) -> list[ClassConditionalConformal]:
    """Conformal predictors in the order of the drugs."""
    sensitive = _split(arrays["sensitive"], arrays["n_sensitive"])
    resistant = _split(arrays["resistant"], arrays["n_resistant"])
    pairs = zip(sensitive, resistant, strict=True)
    return [
        ClassConditionalConformal(of_sensitive, of_resistant)
        for of_sensitive, of_resistant in pairs
    ]


def _split(array: NDArray[Any], lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
    if (lengths < 0).any() or int(lengths.sum()) != len(array):
        raise ValueError(f"{len(array)} entries where the counts say {int(lengths.sum())}")
    return np.split(array, np.cumsum(lengths)[:-1]) if len(lengths) else []
