"""What was predicted of every training line while it was held out, kept to compare bundles by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleDamagedError, ModelsError

Predictions = dict[str, "HeldOutPredictions"]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutPredictions:
    """Held-out predictions of one drug, from the repeated cross-validation behind its card.

    Attributes
    ----------
    samples
        (n_lines,) ids of the lines on which the drug was measured, unique.
    groups
        (n_lines,) patients: lines of one patient were held out together, and are drawn together
        in a bootstrap.
    is_sensitive
        (n_lines,) labels.
    probability
        (n_seeds, n_lines) float32, calibrated probability of being sensitive.
    score
        (n_seeds, n_lines) float32, score before calibration; higher = more sensitive. Scores of
        different folds come from different classifiers, on scales of their own.
    fold
        (n_seeds, n_lines) int16, the fold in which a line was held out.
    """

    samples: tuple[str, ...]
    groups: tuple[str, ...]
    is_sensitive: NDArray[np.bool_]
    probability: NDArray[np.float32]
    score: NDArray[np.float32]
    fold: NDArray[np.int16]

    def __post_init__(self) -> None:
        n_lines = len(self.samples)
        tables = (self.probability, self.score, self.fold)
        alike = len({table.shape for table in tables}) == 1 and self.probability.ndim == 2
        fits = alike and self.probability.shape[1] == n_lines and len(self.probability) > 0
        if not fits or not len(self.groups) == len(self.is_sensitive) == n_lines:
            raise _unfit("parts of different length")
        if len(set(self.samples)) != n_lines:
            raise _unfit("a line twice")
        inside = (self.probability >= 0) & (self.probability <= 1)
        if not inside.all() or not np.isfinite(self.score).all() or (self.fold < 0).any():
            raise _unfit("probabilities outside 0 to 1, scores that are not finite, or no fold")

    @property
    def n_seeds(self) -> int:
        """How often the cross-validation was repeated."""
        return len(self.probability)

    @property
    def mean_probability(self) -> NDArray[np.float64]:
        """(n_lines,) mean over the repetitions."""
        mean: NDArray[np.float64] = self.probability.mean(axis=0, dtype=np.float64)
        return mean


def held_out_arrays(
    held_out: Mapping[str, HeldOutPredictions],
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Give the predictions of several drugs as arrays for an npz file and names for a JSON file.

    Lines of the drugs stand behind each other; ids and patients are written once.
    """
    parts = list(held_out.values())
    line_of = _numbered(name for one in parts for name in one.samples)
    group_of = _numbered(name for one in parts for name in one.groups)
    arrays: dict[str, NDArray[Any]] = {
        "n_lines": np.array([len(one.samples) for one in parts], dtype=np.int64),
        "n_seeds": np.array([one.n_seeds for one in parts], dtype=np.int64),
        "line": np.array([line_of[n] for one in parts for n in one.samples], dtype=np.int32),
        "group": np.array([group_of[n] for one in parts for n in one.groups], dtype=np.int32),
        "is_sensitive": _joined([one.is_sensitive for one in parts], np.bool_),
        "probability": _joined([one.probability.ravel() for one in parts], np.float32),
        "score": _joined([one.score.ravel() for one in parts], np.float32),
        "fold": _joined([one.fold.ravel() for one in parts], np.int16),
    }
    return arrays, {"drugs": list(held_out), "lines": list(line_of), "groups": list(group_of)}


def held_out_from_arrays(
    arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> Predictions:
    """Restore what `held_out_arrays` gave; BundleDamagedError when its parts do not fit."""
    try:
        return _restored(arrays, meta)
    except (ModelsError, KeyError, IndexError, TypeError, ValueError) as error:
        raise BundleDamagedError(
            f"The stored held-out predictions do not fit together ({error}).",
            needed="the arrays and the names that held_out_arrays wrote.",
            remedy="fetch the bundle again, or train it anew.",
        ) from error


def _restored(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Predictions:
    n_lines, n_seeds = arrays["n_lines"], arrays["n_seeds"]
    sizes = n_lines * n_seeds
    line, group, sensitive = (_cut(arrays[n], n_lines) for n in ("line", "group", "is_sensitive"))
    tables = {name: _cut(arrays[name], sizes) for name in ("probability", "score", "fold")}
    restored: Predictions = {}
    for at, drug in enumerate(_texts(meta["drugs"], len(n_lines))):
        shape = (int(n_seeds[at]), int(n_lines[at]))
        restored[drug] = HeldOutPredictions(
            samples=_named(meta["lines"], line[at]),
            groups=_named(meta["groups"], group[at]),
            is_sensitive=sensitive[at].astype(np.bool_, copy=False),
            **{name: parts[at].reshape(shape) for name, parts in tables.items()},
        )
    return restored


def _texts(names: Sequence[object], n_drugs: int) -> list[str]:
    if len(names) != n_drugs or len(set(map(str, names))) != n_drugs:
        raise ValueError(f"{len(names)} names for {n_drugs} drugs, or one twice")
    return [str(name) for name in names]


def _numbered(names: Any) -> dict[str, int]:
    places: dict[str, int] = {}
    for name in names:
        places.setdefault(name, len(places))
    return places


def _named(names: Sequence[str], places: NDArray[np.int32]) -> tuple[str, ...]:
    if places.size and not 0 <= int(places.min()) <= int(places.max()) < len(names):
        raise ValueError("a place without a name")
    return tuple(str(names[place]) for place in places)


def _joined(parts: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)


def _cut(array: NDArray[Any], lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
    if (lengths < 0).any() or int(lengths.sum()) != len(array):
        raise ValueError(f"{len(array)} entries where the counts say {int(lengths.sum())}")
    return np.split(array, np.cumsum(lengths)[:-1]) if len(lengths) else []


def _unfit(found: str) -> ModelsError:
    return ModelsError(
        f"Held-out predictions with {found}.",
        needed="one id, patient, label, and probability a seed of each line.",
        remedy="take all of them from the same evaluation.",
    )
