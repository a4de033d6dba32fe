"""Sums of differences: known answers, no sums of few profiles, no profile twice."""

import numpy as np
import pytest

from models.conformal import LABELS
from serving.shadow.lot import Lot
from serving.shadow.sums import CHANGES, DrugSums, label_changes

LEAST = 20


@pytest.fixture
def lot(champion):
    return Lot(champion.bundle.drugs, at_least=LEAST)


@pytest.fixture
def both(ask, champion, challenger):
    """Answers of both bundles to the same profiles."""

    def both(n, *, seed=0, drugs=None):
        asked = ask(champion, n, seed=seed, drugs=drugs)
        return asked.answers, ask(challenger, n, seed=seed, drugs=drugs).answers

    return both


def test_sums_are_those_of_the_answers(lot, both):
    for seed in range(3):
        lot.add(*both(15, seed=seed))
    pairs = [both(15, seed=seed) for seed in range(3)]
    ours = np.vstack([one.probability_sensitive for _, one in pairs])
    theirs = np.vstack([one.probability_sensitive for one, _ in pairs])
    difference = np.log(ours / (1 - ours)) - np.log(theirs / (1 - theirs))
    drugs = pairs[0][0].drugs
    assert set(lot.enough()) == set(drugs)
    for column, drug in enumerate(drugs):
        sums = lot.enough()[drug]
        assert (sums.n, sums.missing) == (45, 0)
        assert sums.mean == pytest.approx(difference[:, column].mean())
        assert sums.sd == pytest.approx(difference[:, column].std(ddof=1))
        labels = [
            (before[column], after[column])
            for one, other in pairs
            for before, after in zip(one.labels(), other.labels(), strict=True)
        ]
        assert sums.n_changed == sum(before != after for before, after in labels)
        for place, change in enumerate(CHANGES):
            words = tuple(word.replace("_", " ") for word in change.split("_to_"))
            assert sums.changes[place] == labels.count(words)


def test_every_pair_of_set_codes_has_the_change_that_its_labels_say():
    codes = np.arange(len(LABELS), dtype=np.int8)
    before, after = (one.ravel() for one in np.meshgrid(codes, codes, indexing="ij"))
    changes = label_changes(before[None], after[None])[0]
    for one, other, change in zip(before, after, changes, strict=True):
        words = f"{LABELS[one]}_to_{LABELS[other]}".replace(" ", "_")
        assert CHANGES[change] == words


def test_a_bundle_beside_itself_differs_in_nothing(lot, both):
    answers, _ = both(30)
    lot.add(answers, answers)
    for sums in lot.enough().values():
        assert (sums.mean, sums.sd, sums.n_changed) == (0, 0, 0)


def test_sums_of_few_different_profiles_are_not_given(lot, both):
    for _ in range(5):  # again and again the same
        lot.add(*both(LEAST - 1))
    assert lot.enough() == {}
    assert lot.n_waiting == (LEAST - 1) * 2
    lot.add(*both(1, seed=9))
    assert {sums.n for sums in lot.enough().values()} == {LEAST}


def test_the_same_profile_counts_for_every_drug_once(lot, both):
    for drugs in (("Cisplatin",), ("Elesclomol",), ("Cisplatin", "Elesclomol")):
        lot.add(*both(25, drugs=drugs))
    assert {drug: sums.n for drug, sums in lot.enough().items()} == {
        "Cisplatin": 25, "Elesclomol": 25,
    }  # fmt: skip


def test_what_was_taken_out_is_gone_and_the_rest_stays(lot, both):
    lot.add(*both(25, drugs=("Cisplatin",)))
    lot.add(*both(5, drugs=("Elesclomol",)))
    assert set(lot.enough()) == {"Cisplatin"}
    lot.remove()
    assert lot.enough() == {}
    lot.add(*both(15, seed=1, drugs=("Elesclomol",)))
    assert lot.enough()["Elesclomol"].n == 20


def test_answers_that_the_challenger_does_not_give_are_missing(lot, both):
    lot.add(both(25, drugs=("Cisplatin", "Elesclomol"))[0], both(25, drugs=("Elesclomol",))[1])
    lot.add(both(25, seed=3, drugs=("Cisplatin",))[0], None)
    found = lot.enough()
    assert (found["Cisplatin"].n, found["Cisplatin"].missing) == (0, 50)
    assert (found["Elesclomol"].n, found["Elesclomol"].missing) == (25, 0)
    assert found["Cisplatin"].mean is None


def test_one_answer_has_no_spread():
    assert DrugSums(1, 0, 0.5, 0.25, (1, *[0] * 8)).sd is None
