"""Which lineage stands for each sample, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.lineage import LineageCoding
from models.prediction_notes import LINEAGE_NOT_USED, UNKNOWN_LINEAGE, note_lineage

Given = Mapping[str, str] | str | None


class Lineages:
    """The lineages that a bundle knows."""

    def __init__(self, coding: LineageCoding) -> None:
        self._known = coding.lineages
        self._names = (*coding.lineages, UNKNOWN_LINEAGE)  # the last stands at place -1
        self._place = {name: at for at, name in enumerate(coding.lineages)}

    def places(self, samples: Sequence[str], given: Given) -> NDArray[np.intp]:
        """(n,) column of the lineage of each sample; -1 for one that is not known."""
        if given is None or isinstance(given, str):
            return np.full(len(samples), self._place.get(given or "", -1), dtype=np.intp)
        named = map(given.get, samples)
        return np.array([self._place.get(name or "", -1) for name in named], dtype=np.intp)

    def say(
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
