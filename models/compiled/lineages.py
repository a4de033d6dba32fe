"""Which lineage stands for each sample, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.lineage import LineageCoding
from models.prediction_notes import LINEAGE_NOT_USED, UNKNOWN_LINEAGE, note_lineage

Given = Mapping[str, str] | str | None
MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True, eq=False)
class LineagesUsed:
    """What stands for the lineage of each sample.

    Attributes
    ----------
    places
        (n,) column of each; -1 for one that is not known.
    names
        (n,) what answers say.
    notes
        What is said where none is known.
    """

    places: NDArray[np.intp]
    names: tuple[str, ...]
    notes: tuple[str, ...]


class Lineages:
    """The lineages that a bundle knows."""

    def __init__(self, coding: LineageCoding) -> None:
        self._known = coding.lineages
        self._names = (*coding.lineages, UNKNOWN_LINEAGE)  # the last stands at place -1
        self._place = {name: at for at, name in enumerate(coding.lineages)}
        self._of_one: dict[str | None, LineagesUsed] = {}

    def find(self, samples: Sequence[str], given: Given) -> LineagesUsed:
        """Find the lineages of samples; where one was given for all, nothing depends on these."""
        is_plain = len(samples) == 1 and not isinstance(given, Mapping)
        found = self._of_one.get(given) if is_plain else None  # type: ignore[arg-type]
        if found is not None:
            return found
        places = self._places(samples, given)
        found = LineagesUsed(places, *self._say(samples, places, given))
        if is_plain and len(self._of_one) < MOST_REMEMBERED:
            self._of_one[given] = found  # type: ignore[index]
        return found

    def _places(self, samples: Sequence[str], given: Given) -> NDArray[np.intp]:
        if given is None or isinstance(given, str):
            return np.full(len(samples), self._place.get(given or "", -1), dtype=np.intp)
        named = map(given.get, samples)
        return np.array([self._place.get(name or "", -1) for name in named], dtype=np.intp)

    def _say(
        self, samples: Sequence[str], places: NDArray[np.intp], given: Given
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Name the lineage that was used for each sample, and say where none was known."""
        if not self._known:
            return (LINEAGE_NOT_USED,) * len(samples), ()
        names, listed = self._names, places.tolist()
        used = tuple([names[place] for place in listed])
        unknown = [s for s, place in zip(samples, listed, strict=True) if place < 0]
        if not unknown:
            return used, ()
        strange = given if isinstance(given, str) else None
        asked = [strange] if strange is not None else []
        if isinstance(given, Mapping):
            asked = sorted({given[sample] for sample in unknown if given.get(sample) is not None})
        return used, note_lineage(unknown, len(samples), given=asked, known=self._known)
