"""Scales of expression: whether values can be on the declared one, and their way to log2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.errors import ScaleError
from features.expression import SCALES, Scale

_LOG2_CEILING = 25.0  # 2**25 is beyond 16-bit scanners (2**16) and RNA-seq in TPM (< 1e6 = 2**20)
_RMA_FLOOR, _RMA_CEILING = -2.0, 20.0  # RMA of 16-bit intensities: about 2 to 15
_MAS5_BRIGHT = 50.0  # MAS5 scales the trimmed mean of an array to 100 to 500
_RATIO_SHARE = 0.25  # of values below zero: centred data or ratios
_ADJUSTED_FLOOR, _ADJUSTED_SHARE = -1.0, 0.01  # batch adjustment leaves a few just below zero
_SLAB_VALUES = 2**23


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """What tells one scale from another."""

    minimum: float
    maximum: float
    n_negative: int
    n_values: int
    only_integers: bool

    @property
    def negative_share(self) -> float:
        """Share of values below zero."""
        return self.n_negative / self.n_values

    @classmethod
    def of(
        cls, values: NDArray[np.float32], *, extremes: tuple[float, float] | None = None
    ) -> ValueSummary:
        """Summarise a matrix, a slab at a time; `extremes` where they are known already."""
        minimum, maximum = extremes or (float(values.min()), float(values.max()))
        n_negative = 0
        if minimum < 0:
            n_negative = sum(int(np.count_nonzero(slab < 0)) for slab in _slabs(values))
        # One value spares most tables the look at all of them.
        only_integers = values.item(0).is_integer() and all(
            bool((np.rint(slab) == slab).all()) for slab in _slabs(values)
        )
        return cls(minimum, maximum, n_negative, values.size, only_integers)


def check_scale(values: NDArray[np.float32], scale: Scale, *, source: str) -> tuple[str, ...]:
    """Hold values to the declared scale and return what is to be said about them.

    Parameters
    ----------
    values
        Samples x genes, as the file holds them.
    scale
        What the caller says they are.
    source
        Name of the file, for messages.

    Raises
    ------
    ScaleError
        The values contradict the scale; the message names their range and the scales that fit.
    """
    if scale not in SCALES:
        raise ScaleError(
            f"There is no scale {scale!r}.",
            needed=f"one of {', '.join(SCALES)}.",
            remedy="declare the scale of the values in the file.",
        )
    summary = ValueSummary.of(values)
    contradiction = contradicts(summary, scale)
    if contradiction:
        raise _scale_error(summary, scale, contradiction, source)
    steps = [
        f"Values from {summary.minimum:g} to {summary.maximum:g}, in keeping with {scale}.",
    ]
    if summary.minimum < 0 and scale != "rma_log2":
        steps.append(
            f"{summary.n_negative:,} of {summary.n_values:,} values lie just below zero, as batch "
            f"adjustment leaves them: taken as they are."
        )
    if scale == "counts" and not summary.only_integers:
        steps.append("Counts are fractional, as expected counts of RSEM are: taken as they are.")
    return tuple(steps)


def contradicts(summary: ValueSummary, scale: Scale) -> str | None:
    """Return why values cannot be on a scale, or None when they can."""
    if scale in {"log2_tpm", "log2_fpkm"}:
        return _against_log2_of_rna(summary)
    if scale == "rma_log2":
        return _against_rma(summary)
    if summary.minimum < 0:
        return "values below zero"
    if scale == "counts":
        return _looks_log2(summary) if not summary.only_integers else None
    if scale == "mas5_linear" and summary.maximum <= _MAS5_BRIGHT:
        return f"no value above {_MAS5_BRIGHT:g}, so they look like log2 already"
    return _looks_log2(summary)


def to_log2(values: NDArray[np.float32], scale: Scale) -> tuple[NDArray[np.float32], str]:
    """Turn values into log2, in place, and return them with the sentence that says how.

    tpm, fpkm: log2(x + 1). counts: log2(counts per million + 1), a million being the sum over all
    rows of the file. mas5_linear: log2(max(x, 1)). The rest are log2 already.

    Raises
    ------
    ScaleError
        A sample without any count.
    """
    if scale in {"log2_tpm", "log2_fpkm", "rma_log2"}:
        return values, "Values are log2 already: unchanged."
    if scale == "mas5_linear":
        np.maximum(values, 1, out=values)
        return np.log2(values, out=values), "Converted to log2(max(x, 1))."
    how = "Converted to log2(x + 1)."
    if scale == "counts":
        totals = values.sum(axis=1, dtype=np.float64)
        _refuse_empty_samples(totals)
        values *= (1e6 / totals)[:, np.newaxis].astype(np.float32)
        how = (
            f"Converted to log2(counts per million + 1), over the {values.shape[1]:,} rows of the "
            f"file: right only if it holds the whole transcriptome."
        )
    values += 1
    return np.log2(values, out=values), how


def _slabs(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    n_rows = max(1, _SLAB_VALUES // max(1, values.shape[1]))
    return [values[start : start + n_rows] for start in range(0, values.shape[0], n_rows)]


def _against_log2_of_rna(summary: ValueSummary) -> str | None:
    if summary.minimum < _ADJUSTED_FLOOR or summary.negative_share > _ADJUSTED_SHARE:
        return "values below zero, which log2(x + 1) never has"
    if summary.maximum > _LOG2_CEILING:
        return f"values above {_LOG2_CEILING:g}, so they look linear"
    return None


def _against_rma(summary: ValueSummary) -> str | None:
    if summary.minimum < _RMA_FLOOR or summary.negative_share > _RATIO_SHARE:
        return "too many or too low values below zero, as ratios or centred values have"
    if summary.maximum > _RMA_CEILING:
        return f"values above {_RMA_CEILING:g}, so they look linear"
    if summary.only_integers:
        return "whole numbers only, as counts are"
    return None


def _looks_log2(summary: ValueSummary) -> str | None:
    if summary.maximum <= _LOG2_CEILING:
        return f"no value above {_LOG2_CEILING:g}, so they look like log2 already"
    return None


def _scale_error(
    summary: ValueSummary, scale: Scale, contradiction: str, source: str
) -> ScaleError:
    fitting: Sequence[str] = [other for other in SCALES if contradicts(summary, other) is None]
    named = ", ".join(fitting)
    return ScaleError(
        f"{source} was declared {scale} and has {contradiction}: its values run from "
        f"{summary.minimum:g} to {summary.maximum:g}"
        f"{', whole numbers only' if summary.only_integers else ''}.",
        needed=f"values of {scale}.",
        remedy=f"declare the scale that its source states; by their range these could be {named}."
        if fitting
        else "no scale taken here fits these values: ratios and centred or z-scored values cannot "
        "be used; start from the unscaled matrix.",
    )


def _refuse_empty_samples(totals: NDArray[np.float64]) -> None:
    empty = np.flatnonzero(totals <= 0)
    if empty.size:
        named = ", ".join(map(str, empty[:5] + 1))
        raise ScaleError(
            f"{empty.size} sample(s) have no counts at all: in the order of the file, {named}.",
            needed="a positive sum of counts in every sample.",
            remedy="drop these samples.",
        )
