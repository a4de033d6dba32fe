"""Values of profiles that came in memory: held to their scale, and taken to log2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.errors import CellError, ScaleError
from features.expression import SCALES, Scale
from features.scales import check_scale, to_log2
from models.errors import PredictionError


def refuse_non_finite(values: NDArray[np.float32], genes: Sequence[str], *, source: str) -> None:
    """Raise CellError where a value of samples x genes is not a finite number."""
    finite = np.isfinite(values)
    if finite.all():
        return
    row, column = np.argwhere(~finite)[0]
    raise CellError(
        f"{int((~finite).sum())} values of {source} are not finite numbers, the first for gene "
        f"{genes[column]} of sample number {row + 1}.",
        needed="a finite number for every gene of every sample.",
        remedy="leave the gene or the sample out; no value is made up here.",
    )


def declared(scale: Scale | None) -> Scale:
    """Return the scale; ScaleError where none was declared."""
    if scale is not None:
        return scale
    raise ScaleError(
        "No scale was declared.",
        needed=f"one of {', '.join(SCALES)}.",
        remedy="pass the scale that the source of the values states.",
    )


def log2_of(
    values: NDArray[np.float32], scale: Scale, *, source: str
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Take values to log2, in place, and say in sentences what was found and done.

    Raises
    ------
    ScaleError
        The values contradict the scale.
    """
    steps = check_scale(values, scale, source=source)
    converted, how = to_log2(values, scale)
    return converted, (*steps, how)


def refuse_flat(values: NDArray[np.floating], samples: Sequence[str]) -> None:
    """Raise PredictionError for profiles (samples x genes) with one value for all genes."""
    if values.shape[1] < 2:
        return
    if len(values) == 1 and values.item(0) != values.item(1):
        return
    if (values[:, 0] != values[:, 1]).all():
        return
    flat = values.max(axis=1) == values.min(axis=1)
    if not flat.any():
        return
    names = [sample for sample, is_flat in zip(samples, flat, strict=True) if is_flat]
    raise PredictionError(
        f"{len(names)} profiles have one value for all genes ({', '.join(names[:5])}).",
        needed="measured expression, which differs between genes.",
        remedy="leave these samples out, or check how the file was made.",
    )
