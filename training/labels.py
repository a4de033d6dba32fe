"""From a measured response to two classes, and the card that says how.

`tertile`: the lowest third of the response is sensitive, with whatever ties with its end.
`waterfall`: lines up to the point of the ranked curve that lies farthest from the straight line
between its ends are sensitive; where the curve is as good as straight (correlation with the rank
above 0.95), lines up to its median (Barretina 2012, doi:10.1038/nature11003).
`threshold`: lines at or below a given response are sensitive.
`clinical`: complete and partial responders are sensitive; for responses of patients.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from training.cohort import ResponseKind
from training.errors import LabelError
from training.metrics import BoolArray, FloatArray

LabelMethod = Literal["tertile", "waterfall", "threshold", "clinical"]

MINIMUM_LINES_PER_CLASS = 10
STRAIGHT_CURVE = 0.95


@dataclass(frozen=True, slots=True)
class LabelCard:
    """How the two classes of a drug were made.

    Attributes
    ----------
    cut_off
        Highest response that still counts as sensitive, in the unit of `response_kind`.
    cut_off_um
        The same in µM where the response is `ln_ic50`, else None.
    outside_tested_range
        Whether the cut-off lies outside the concentrations that were tested; None if not known.
    """

    method: LabelMethod
    response_kind: ResponseKind
    cut_off: float
    cut_off_um: float | None
    n_sensitive: int
    n_resistant: int
    minimum_tested_ln_um: float | None
    maximum_tested_ln_um: float | None
    outside_tested_range: bool | None
    share_beyond_tested_range: float | None

    def to_json(self) -> dict[str, Any]:
        """Every field by name."""
        return asdict(self)


def label_response(
    response: FloatArray,
    *,
    drug: str,
    kind: ResponseKind,
    method: LabelMethod = "tertile",
    threshold: float | None = None,
    tested_range: tuple[float, float] | None = None,
) -> tuple[BoolArray, LabelCard]:
    """Call each line sensitive or resistant.

    Parameters
    ----------
    response
        (n_lines,) measured response, low = sensitive, no missing values.
    drug
        Name for messages.
    kind
        Unit of the response.
    method
        See the module.
    threshold
        Cut-off of method `threshold`, in the unit of `kind`.
    tested_range
        Lowest and highest tested concentration, ln µM, where they are known.

    Returns
    -------
    tuple
        (n_lines,) True for sensitive, and the label card.

    Raises
    ------
    LabelError
        Fewer than ten lines in one of the classes, or a constant response.
    """
    if kind == "clinical_response":
        method = "clinical"
    cut_off = _cut_off(response, drug=drug, method=method, threshold=threshold)
    is_sensitive = response <= cut_off
    _refuse_one_class(is_sensitive, drug)
    return is_sensitive, _card(response, is_sensitive, cut_off, kind, method, tested_range)


def _cut_off(
    response: FloatArray, *, drug: str, method: LabelMethod, threshold: float | None
) -> float:
    if not response.size:
        return float("nan")
    if method == "tertile":
        return float(np.sort(response)[max(len(response) // 3 - 1, 0)])
    if method == "waterfall":
        return _waterfall_inflection(response)
    if method == "clinical":
        return 0.0
    if threshold is None:
        raise LabelError(
            f"Drug {drug!r} was to be labelled by a threshold, and none was given.",
            needed="a response at or below which a line is sensitive.",
            remedy="give the threshold, or label by `tertile` or `waterfall`.",
        )
    return threshold


def _waterfall_inflection(response: FloatArray) -> float:
    ranked = np.sort(response)
    if ranked[0] == ranked[-1]:
        return float(ranked[-1])
    # A curve as good as straight has no bend to cut at: its median stands in, as in the source.
    if np.corrcoef(ranked, np.arange(len(ranked)))[0, 1] > STRAIGHT_CURVE:
        return float(np.median(ranked))
    straight = np.linspace(ranked[0], ranked[-1], len(ranked))
    return float(ranked[int(np.argmax(np.abs(ranked - straight)))])


def _refuse_one_class(is_sensitive: BoolArray, drug: str) -> None:
    n_sensitive = int(is_sensitive.sum())
    n_resistant = len(is_sensitive) - n_sensitive
    if min(n_sensitive, n_resistant) < MINIMUM_LINES_PER_CLASS:
        raise LabelError(
            f"Drug {drug!r} has {n_sensitive} sensitive and {n_resistant} resistant samples.",
            needed=f"at least {MINIMUM_LINES_PER_CLASS} of each.",
            remedy="leave the drug out, choose another label method, or use a larger cohort.",
        )


def _card(
    response: FloatArray,
    is_sensitive: BoolArray,
    cut_off: float,
    kind: ResponseKind,
    method: LabelMethod,
    tested_range: tuple[float, float] | None,
) -> LabelCard:
    known = kind == "ln_ic50" and tested_range is not None and bool(np.isfinite(tested_range).all())
    low, high = tested_range if known and tested_range is not None else (None, None)
    return LabelCard(
        method=method,
        response_kind=kind,
        cut_off=cut_off,
        cut_off_um=float(np.exp(cut_off)) if kind == "ln_ic50" else None,
        n_sensitive=int(is_sensitive.sum()),
        n_resistant=int((~is_sensitive).sum()),
        minimum_tested_ln_um=low,
        maximum_tested_ln_um=high,
        outside_tested_range=None if low is None or high is None else not low <= cut_off <= high,
        share_beyond_tested_range=None if high is None else float(np.mean(response > high)),
    )
