"""The drugs that a question asks for, and all that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.compiled.calls import Calibrations
from models.compiled.scoring import Scorer
from models.drug_choice import choose_drugs

# One of these holds a row of weights for each of its drugs: 1 KB a drug.
MOST_SELECTIONS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some drugs of a bundle.

    Attributes
    ----------
    places
        (d,) where they stand in the bundle.
    drugs, statuses
        (d,) names and statuses.
    notes
        Which drugs were left out, if any.
    """

    places: NDArray[np.intp]
    drugs: tuple[str, ...]
    statuses: tuple[str, ...]
    notes: tuple[str, ...]
    scorer: Scorer
    calibrations: Calibrations


class Selections:
    """The selections asked for last; thread-safe, and bounded in number."""

    def __init__(self, bundle: Bundle, scorer: Scorer, calibrations: Calibrations) -> None:
        # A function of its own: a method would hold this object, and with it the whole bundle.
        select = partial(_select, bundle, scorer, calibrations)
        self._remembered = lru_cache(MOST_SELECTIONS)(select)

    def of(self, drugs: Sequence[str] | None) -> Selection:
        """Take drugs by name, or all that are not withheld; see `choose_drugs` for errors."""
        if drugs is None:
            return self._remembered(None)
        return self._remembered((drugs,) if isinstance(drugs, str) else tuple(dict.fromkeys(drugs)))


def _select(
    bundle: Bundle, scorer: Scorer, calibrations: Calibrations, drugs: tuple[str, ...] | None
) -> Selection:
    models, notes = choose_drugs(bundle, drugs)
    place = {name: at for at, name in enumerate(bundle.drugs)}
    places = np.array([place[model.drug] for model in models], dtype=np.intp)
    is_all = np.array_equal(places, np.arange(len(place)))
    return Selection(
        places=places,
        drugs=tuple(model.drug for model in models),
        statuses=tuple(model.status for model in models),
        notes=notes,
        scorer=scorer if is_all else scorer.pick(places),
        calibrations=Calibrations(calibrations.slope[places], calibrations.intercept[places]),
    )
