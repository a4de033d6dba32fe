"""The shadow: nothing of it reaches a caller, and only sums of enough profiles are stored."""

import time
from dataclasses import replace

import pytest

import serving.shadow.recorder as recorder_module
from models.compiled import CompiledBundle
from models.errors import PredictionError
from serving.bundles.served import ServedBundle
from serving.database.errors import away_error
from serving.reviews.approvals import Approval
from serving.reviews.snapshots import Snapshot
from serving.shadow.asked import is_chosen
from serving.shadow.store import shadow_summary


class Broken:
    """A bundle that answers nothing."""

    def __init__(self, bundle, error):
        self.drugs, self.statuses, self.name, self.bundle = (
            bundle.drugs, bundle.statuses, bundle.name, bundle.bundle,
        )  # fmt: skip
        self.error = error

    def predict(self, *_, **__):
        raise self.error


@pytest.fixture
def found(sqlite_database, champion, challenger):
    """What is stored of the pair."""

    def found():
        return shadow_summary(sqlite_database, challenger.sha256, champion.sha256)

    return found


def test_requests_are_answered_by_the_challenger_and_added_up(
    recorder, ask, champion, found, outcomes
):
    for seed in range(25):
        recorder.record(ask(champion, seed=seed))
    recorder.answer_waiting()
    recorder.store()
    assert outcomes == {"answered": 25}
    summary = found()
    assert (summary.pair.n_requests, summary.pair.n_profiles) == (25, 25)
    assert summary.pair.champion_seconds == pytest.approx(0.025)
    assert summary.pair.challenger_seconds > 0
    assert summary.pair.challenger_genes == pytest.approx(25)
    assert {one.n for one in summary.drugs.values()} == {25}
    assert summary.n_answers == 50  # two of the four drugs are not withheld
    recorder.record(ask(champion, 30, seed=99))
    recorder.answer_waiting()
    recorder.store()
    assert found().n_answers == 110


def test_few_profiles_are_not_stored(recorder, ask, champion, found):
    for _ in range(30):
        recorder.record(ask(champion, 5))
    recorder.answer_waiting()
    recorder.store()
    assert found() is None


def test_what_cannot_wait_is_dropped_and_counted(recorder, ask, champion, outcomes, monkeypatch):
    monkeypatch.setattr(recorder_module, "MOST_REQUESTS", 3)
    asked = ask(champion)
    for _ in range(5):
        recorder.record(asked)
    assert outcomes == {"dropped": 2}
    recorder.answer_waiting()
    monkeypatch.setattr(recorder_module, "MOST_CELLS", 2 * asked.n_cells)
    for _ in range(3):
        recorder.record(asked)
    assert outcomes == {"dropped": 3, "answered": 3}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PredictionError("No.", needed="more.", remedy="send it."), "refused"),
        (ValueError("shapes"), "failed"),
        (FloatingPointError("overflow"), "failed"),
    ],
)
def test_a_challenger_that_does_not_answer_is_counted_and_nothing_else_happens(
    recorder, ask, store, champion, challenger, following, found, outcomes, error, outcome
):
    broken = replace(challenger, version="3", bundle=Broken(challenger.bundle, error))
    store.brings["3"] = broken
    store.name(champion=champion, challenger=broken)
    following.look()
    following.look()
    recorder.record(ask(champion, 30))
    recorder.answer_waiting()
    recorder.store()
    assert outcomes == {outcome: 1}
    assert getattr(found().pair, f"n_{outcome}") == 1
    assert found().n_answers == 0


@pytest.fixture
def follow(store, champion, following):
    """Make another bundle the challenger."""

    def follow(bundle):
        store.brings["3"] = bundle
        store.name(champion=champion, challenger=bundle)
        following.look()
        following.look()

    return follow


def share_answered(summary):
    return summary.n_answers / (summary.n_answers + summary.n_missing)


@pytest.fixture
def without_cisplatin(made_up):
    """A challenger that does not hold a drug of the champion's."""
    drugs = made_up.make_bundle(seed=5).drugs
    others = {name: model for name, model in drugs.items() if name != "Cisplatin"}
    bundle = CompiledBundle(made_up.make_bundle(seed=5, drugs=others))
    return ServedBundle(bundle, "3", "ef" * 32, "store", 0.0)


@pytest.mark.parametrize("others", [(), ("Elesclomol",)])
def test_a_drug_that_the_challenger_does_not_hold_is_not_answered_alone_or_with_another(
    recorder, ask, champion, follow, without_cisplatin, sqlite_database, outcomes, others
):
    follow(without_cisplatin)
    recorder.record(ask(champion, 30, drugs=("Cisplatin", *others)))
    recorder.answer_waiting()
    recorder.store()
    assert outcomes == {"answered" if others else "refused": 1}
    summary = shadow_summary(sqlite_database, without_cisplatin.sha256, champion.sha256)
    assert (summary.drugs["Cisplatin"].n, summary.drugs["Cisplatin"].missing) == (0, 30)
    assert share_answered(summary) == len(others) / (1 + len(others))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(PredictionError("No.", needed="a.", remedy="b."), "refused"), (ValueError("x"), "failed")],
)
def test_answers_that_the_challenger_failed_at_are_not_answered(
    recorder, ask, champion, challenger, follow, found, error, outcome
):
    follow(replace(challenger, version="3", bundle=Broken(challenger.bundle, error)))
    recorder.record(ask(champion, 30, drugs=("Cisplatin",)))
    recorder.answer_waiting()
    recorder.store()
    assert getattr(found().pair, f"n_{outcome}") == 1
    assert {name: one.missing for name, one in found().drugs.items()} == {"Cisplatin": 30}


def test_answers_that_cannot_be_added_up_are_no_answers_that_were_not_given(
    recorder, ask, champion, found, outcomes, monkeypatch
):
    added = []

    def broken(lot, champions, challengers):
        added.append(challengers)
        raise ValueError("shapes")

    monkeypatch.setattr(recorder_module.Lot, "add", broken)
    recorder.record(ask(champion, 30))
    recorder.answer_waiting()
    recorder.store()
    assert outcomes == {"failed": 1}
    assert None not in added
    assert (found().pair.n_failed, found().n_missing) == (1, 0)


def test_while_the_database_is_away_sums_add_up(recorder, ask, champion, found, monkeypatch):
    def away(*_):
        raise away_error("a test")

    with monkeypatch.context() as patched:
        patched.setattr(recorder_module, "add_sums", away)
        recorder.record(ask(champion, 30))
        recorder.close(wait_seconds=0.0)
        recorder.answer_waiting()
        recorder.close(wait_seconds=0.0)
    recorder.record(ask(champion, 30, seed=1))
    recorder.answer_waiting()
    recorder.close()
    assert found().n_answers == 120


@pytest.mark.parametrize("of_challenger", [True, False])
def test_drugs_that_reviews_withhold_are_not_answered_in_the_shadow(
    recorder, ask, champion, challenger, approvals, found, of_challenger
):
    barred = challenger if of_challenger else champion
    approvals._snapshot = Snapshot(
        {barred.sha256: {"Cisplatin": Approval("rejected")}}, 1, True, "answer"
    )
    asked_of_champion = None if of_challenger else ("Elesclomol",)
    recorder.record(ask(champion, 30, drugs=asked_of_champion))
    recorder.answer_waiting()
    recorder.store()
    drugs = found().drugs
    assert drugs["Elesclomol"].n == 30
    assert drugs.get("Cisplatin") is None or drugs["Cisplatin"].n == 0


def test_a_challenger_that_became_champion_has_no_shadow(recorder, ask, challenger, outcomes):
    recorder.record(ask(challenger))
    recorder.answer_waiting()
    assert outcomes == {"no_challenger": 1}


def test_the_thread_answers_and_ends(recorder, ask, champion, outcomes, found):
    recorder.start()
    for seed in range(30):
        recorder.record(ask(champion, seed=seed))
    end = time.monotonic() + 30
    while outcomes.get("answered", 0) < 30 and time.monotonic() < end:
        time.sleep(0.01)
    recorder.close()
    assert found().pair.n_requests == 30


def test_the_share_is_chosen_by_the_id_alone():
    ids = [f"request {number}" for number in range(4_000)]
    tenth = {one for one in ids if is_chosen(one, 0.1)}
    assert tenth == {one for one in ids if is_chosen(one, 0.1)}
    assert 320 < len(tenth) < 480  # 400, standard deviation 19
    assert tenth < {one for one in ids if is_chosen(one, 0.2)}
    assert not any(is_chosen(one, 0.0) for one in ids)
    assert all(is_chosen(one, 1.0) for one in ids)
