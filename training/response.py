"""Response: what was measured of samples under drugs, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

ResponseKind = Literal["ln_ic50", "dose_response_auc", "clinical_response"]
RESPONSE_KINDS: tuple[ResponseKind, ...] = get_args(ResponseKind)

MISSING_SENTINEL = -99999.0
"""Stands for "not measured" in files of DepMap."""

LINE_COLUMNS = ("cosmic_id", "sanger_model_id", "model_id", "line_name", "lineage", "patient")


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What a reader of a response file hands over, before joining.

    Attributes
    ----------
    values
        DataFrame, samples x screens, float64, NaN where not measured; low = sensitive.
    lines
        DataFrame, samples x `LINE_COLUMNS`, str or None: how a sample may be recognised.
    screens
        DataFrame, screens x name, target, minimum_ln_um, maximum_ln_um, order.
    steps
        Sentences that say what was done.
    """

    values: pd.DataFrame
    lines: pd.DataFrame
    screens: pd.DataFrame
    kind: ResponseKind
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreenedElsewhere:
    """Lines that were screened but have no expression in the cohort.

    Every one is of a known patient of whom the cohort holds no sample, so that it can stand beside
    the training lines of any fold. It says which drugs respond alike, and how its lineage responds.

    Attributes
    ----------
    values
        DataFrame, lines x drugs, like `Response.values`.
    lineage
        Series by line; NA where it is not known.
    """

    values: pd.DataFrame
    lineage: pd.Series[str]


@dataclass(frozen=True, slots=True)
class Response:
    """Response of samples, one column a drug.

    Attributes
    ----------
    values
        DataFrame, samples x drugs, float64; NaN = not measured. Low = sensitive everywhere:
        `ln_ic50` in ln µM, `dose_response_auc` from 0 to 1, `clinical_response` 0 for a responder
        (complete or partial) and 1 for a non-responder (stable or progressive disease).
    tested_range
        DataFrame, drugs x minimum_ln_um, maximum_ln_um; NaN where unknown.
    drugs
        DataFrame, drugs x screen, drug_ids, names, target: the screen that stands for the drug, and
        all ids and spellings under which the file holds it.
    elsewhere
        Lines that were screened but have no expression; None where nothing is known of any.
    """

    values: pd.DataFrame
    kind: ResponseKind
    tested_range: pd.DataFrame
    drugs: pd.DataFrame
    elsewhere: ScreenedElsewhere | None = None

    def drugs_with(self, minimum_samples: int) -> list[str]:
        """Drugs that were measured in at least so many samples, in the order of the columns."""
        counts = self.values.notna().sum()
        return [str(drug) for drug in counts.index[counts >= minimum_samples]]


def lines_frame(index: pd.Index, **columns: pd.Series[str] | pd.Index) -> pd.DataFrame:
    """Frame of `LINE_COLUMNS`; those that are not given are missing."""
    frame = pd.DataFrame(dict.fromkeys(LINE_COLUMNS), index=index, dtype=object)
    return frame.assign(**columns)


def screens_frame(names: list[str]) -> pd.DataFrame:
    """Frame of screens that are known by name only."""
    return pd.DataFrame(
        {
            "name": names,
            "target": None,
            "minimum_ln_um": float("nan"),
            "maximum_ln_um": float("nan"),
            "order": range(len(names)),
        },
        index=pd.Index(names, dtype=object),
    )
