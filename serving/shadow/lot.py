"""Sums of a pair of bundles that are not stored yet: of each drug until enough profiles are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from serving.shadow.sums import (
    CHANGES,
    DrugSums,
    PairSums,
    label_changes,
    log_odds_differences,
)

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers

Matching = tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.intp]]
MOST_MATCHINGS = 16
MOST_SEEN = 20_000  # hashes of profiles, and a byte of each for every drug


class Lot:
    """Sums that wait; not for several threads at once.

    The labels of one profile would tell about it. So sums of a drug are taken out only once enough
    different profiles are in them, and a profile that comes again counts once until then.

    Parameters
    ----------
    drugs
        All drugs of the champion.
    at_least
        How many different profiles are enough.
    """

    def __init__(self, drugs: Sequence[str], *, at_least: int) -> None:
        n_drugs = len(drugs)
        self.pair = PairSums()
        self._drugs = tuple(drugs)
        self._place = {drug: place for place, drug in enumerate(self._drugs)}
        self._at_least = at_least
        self._n = np.zeros(n_drugs, dtype=np.int64)
        self._missing = np.zeros(n_drugs, dtype=np.int64)
        self._total = np.zeros(n_drugs)
        self._squares = np.zeros(n_drugs)
        self._changes = np.zeros((n_drugs, len(CHANGES)), dtype=np.int64)
        self._matchings: dict[tuple[tuple[str, ...], tuple[str, ...]], Matching] = {}
        self._seen: dict[int, NDArray[np.bool_]] = {}

    def add(self, champion: CompiledAnswers, challenger: CompiledAnswers | None) -> None:
        """Add the answers of both to the same profiles; None where the challenger gave none."""
        places, both, columns = self._matching(
            champion.drugs, () if challenger is None else challenger.drugs
        )
        is_new = self._are_new(champion, places)
        if len(columns) < len(places):
            self._missing[places[~both]] += is_new[:, ~both].sum(axis=0)
            places, is_new = places[both], is_new[:, both]
        if challenger is None or not len(columns):
            return
        differences = is_new * log_odds_differences(
            challenger.probability_sensitive[:, columns], champion.probability_sensitive[:, both]
        )
        self._n[places] += is_new.sum(axis=0)
        self._total[places] += differences.sum(axis=0)
        self._squares[places] += (differences**2).sum(axis=0)
        found = label_changes(champion.set_codes[:, both], challenger.set_codes[:, columns])
        np.add.at(self._changes, (np.broadcast_to(places, found.shape), found), is_new)

    def enough(self) -> dict[str, DrugSums]:
        """Give the sums of the drugs that can be stored."""
        return {self._drugs[place]: self._sums(place) for place in self._stored_places()}

    def remove(self) -> None:
        """Forget the sums that `enough` gave, and those of the pair."""
        places = self._stored_places()
        for sums in (self._n, self._missing, self._total, self._squares, self._changes):
            sums[places] = 0
        for seen in self._seen.values():
            seen[places] = False
        self._seen = {profile: seen for profile, seen in self._seen.items() if seen.any()}
        self.pair = PairSums()

    @property
    def n_waiting(self) -> int:
        """Answers that are in no stored sum."""
        return int(self._n.sum())

    def _stored_places(self) -> NDArray[np.intp]:
        unanswered = (self._n == 0) & (self._missing >= self._at_least)
        return np.flatnonzero((self._n >= self._at_least) | unanswered)

    def _sums(self, place: int) -> DrugSums:
        return DrugSums(
            int(self._n[place]),
            int(self._missing[place]),
            float(self._total[place]),
            float(self._squares[place]),
            tuple(self._changes[place].tolist()),
        )

    def _are_new(self, answers: CompiledAnswers, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(n, d) whether a profile was not counted for a drug yet; it is from now on."""
        if len(self._seen) > MOST_SEEN:
            self._seen.clear()
        is_new = np.empty((len(answers.panel_z), len(places)), dtype=bool)
        for row, z in enumerate(answers.panel_z):
            profile = hash(z.tobytes())
            seen = self._seen.get(profile)
            if seen is None:
                seen = self._seen[profile] = np.zeros(len(self._drugs), dtype=bool)
            is_new[row] = ~seen[places]
            seen[places] = True
        return is_new

    def _matching(self, champion: tuple[str, ...], challenger: tuple[str, ...]) -> Matching:
        """Find places of the champion's drugs, which both answered, and the challenger's columns.

        The same two lists come again and again.
        """
        found = self._matchings.get((champion, challenger))
        if found is None:
            if len(self._matchings) >= MOST_MATCHINGS:
                self._matchings.clear()
            theirs = {drug: column for column, drug in enumerate(challenger)}
            found = self._matchings[champion, challenger] = (
                np.array([self._place[drug] for drug in champion], dtype=np.intp),
                np.array([drug in theirs for drug in champion], dtype=bool),
                np.array([theirs[drug] for drug in champion if drug in theirs], dtype=np.intp),
            )
        return found
