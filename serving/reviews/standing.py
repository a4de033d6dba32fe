"""What the desk decided about the drugs of one bundle, as answers need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from features.gene_values import named
from models.drug_choice import note_left_out
from models.errors import PredictionError
from serving.reviews.approvals import Approval
from serving.reviews.marks import Marks, WithheldDrug, about
from serving.reviews.words import ShownApproval, Unapproved

APPROVED: Final = ("approved", "approved_with_limits")
MOST_SELECTIONS = 16


class Choice(NamedTuple):
    """What is left of the drugs that were asked for; a tuple, because each request makes one.

    Attributes
    ----------
    drugs
        Names; None for all whose evidence is not withheld.
    withheld
        Drugs that were asked for and are not answered.
    notes
        What was left out, in sentences.
    """

    drugs: tuple[str, ...] | None
    withheld: tuple[WithheldDrug, ...] = ()
    notes: tuple[str, ...] = ()


WHATEVER_HAS_EVIDENCE = Choice(None)


class BundleStanding:
    """Where the drugs of a bundle stand; it holds no state but bounded caches.

    Parameters
    ----------
    approvals
        Drug -> approval, of drugs that somebody decided about.
    statuses
        Drug -> what its evidence amounts to, of every drug in the order of the bundle.
    is_known
        Whether the decisions were ever read.
    unapproved
        What becomes of drugs that are neither approved nor rejected.
    """

    def __init__(
        self,
        approvals: Mapping[str, Approval],
        statuses: Mapping[str, str],
        *,
        is_known: bool = True,
        unapproved: Unapproved = "answer",
    ) -> None:
        self._approvals = approvals
        self._statuses = statuses
        self._is_known = is_known
        self._names = _by_any_case(statuses)
        self._withheld = {
            drug: WithheldDrug(drug, state)
            for drug in statuses
            if _is_barred(state := self.state_of(drug), unapproved)
        }
        self.marks = lru_cache(MOST_SELECTIONS)(self._marks)
        self._by_default = self._chosen_by_default()

    def state_of(self, drug: str) -> ShownApproval:
        """Tell where a drug stands."""
        found = self._approvals.get(drug)
        if found is not None:
            return found.state
        return "none" if self._is_known else "unknown"

    def is_answered(self, drug: str) -> bool:
        """Whether reviews let a drug of the bundle be answered."""
        return drug not in self._withheld

    def choose(self, asked: Sequence[str] | None) -> Choice:
        """Leave out what must not be answered.

        Parameters
        ----------
        asked
            Names of drugs of the bundle, in any case that tells them apart; None for all whose
            evidence is not withheld.
        """
        if asked is None:
            return self._by_default
        if not self._withheld:
            return Choice(tuple(asked))
        drugs = list(dict.fromkeys(self._names.get(name.casefold(), name) for name in asked))
        withheld = tuple(self._withheld[drug] for drug in drugs if drug in self._withheld)
        if not withheld:
            return Choice(tuple(asked))
        left = tuple(drug for drug in drugs if drug not in self._withheld)
        return Choice(left, withheld, _notes(withheld))

    def _chosen_by_default(self) -> Choice:
        if not self._withheld:
            return WHATEVER_HAS_EVIDENCE
        evident = [drug for drug, status in self._statuses.items() if status != "withheld"]
        withheld = tuple(self._withheld[drug] for drug in evident if drug in self._withheld)
        left = tuple(drug for drug in evident if drug not in self._withheld)
        if not left and not withheld:
            return WHATEVER_HAS_EVIDENCE  # the bundle says that no drug of it has evidence
        others = self._statuses.keys() - set(evident) - self._withheld.keys()
        return Choice(left, withheld, (*note_left_out(len(others)), *_notes(withheld)))

    def _marks(self, drugs: tuple[str, ...]) -> Marks:
        held = {drug: self._approvals[drug].limits for drug in drugs if drug in self._approvals}
        stated = {drug: limits for drug, limits in held.items() if limits}
        return Marks(
            drugs=drugs,
            statuses=tuple(self._statuses[drug] for drug in drugs),
            states=tuple(self.state_of(drug) for drug in drugs),
            limit_texts=tuple(stated.get(drug, "") for drug in drugs),
            limits=stated,
            current_json=about(stated),
        )


def refuse_none_left(choice: Choice) -> None:
    """Refuse a question of which reviews leave nothing.

    Raises
    ------
    PredictionError
        Every drug that was asked for is withheld.
    """
    if choice.drugs or not choice.withheld:
        return
    raise PredictionError(
        f"Nothing is answered: {' '.join(_notes(choice.withheld))}",
        needed="at least one drug that the reviews of this bundle let be answered.",
        remedy="ask for other drugs; /v1/reviews/sign-offs says where each of them stands.",
    )


def _by_any_case(drugs: Mapping[str, str]) -> dict[str, str]:
    """Drug by its folded name, where that is one drug's alone."""
    names: dict[str, list[str]] = {}
    for drug in drugs:
        names.setdefault(drug.casefold(), []).append(drug)
    return {folded: same[0] for folded, same in names.items() if len(same) == 1}


def _is_barred(state: ShownApproval, unapproved: Unapproved) -> bool:
    return state == "rejected" or (unapproved == "withhold" and state not in APPROVED)


def _notes(withheld: Sequence[WithheldDrug]) -> tuple[str, ...]:
    rejected = [one.drug for one in withheld if one.approval == "rejected"]
    others = [one.drug for one in withheld if one.approval != "rejected"]
    said = (
        (rejected, "rejected at review"),
        (others, "not approved at review, and only approved drugs are answered here"),
    )
    return tuple(
        f"{len(drugs):,} {'drug is' if len(drugs) == 1 else 'drugs are'} withheld, being "
        f"{words}: {named(drugs)}."
        for drugs, words in said
        if drugs
    )
