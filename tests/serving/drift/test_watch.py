"""Looking at drift: what is asked for, and how often."""

from datetime import timedelta

import pytest

from models.jobs.errors import BoardAway
from models.jobs.spec import JobSpec
from serving.bundles.holder import ServedBundles
from serving.drift.metrics import DriftCollector
from serving.drift.store import add_counts
from serving.drift.watch import DriftWatch, WatchSettings

DAY = 86_400
SETTINGS = WatchSettings(check_seconds=600, days=7, least_share=0.1, cohort=None, again_days=7)


class Board:
    """Takes jobs, as the board of jobs does: one a key."""

    def __init__(self):
        self.jobs, self.asked, self.is_away = {}, 0, False

    def submit(self, spec, key):
        self.asked += 1
        if self.is_away:
            raise BoardAway("The board is away.", needed="it.", remedy="wait.")
        return self.jobs.setdefault(key, (f"job-{len(self.jobs)}", dict(spec)))[0]


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def make_watch(database, served, clock, board):
    def make_watch(submit=board.submit, settings=SETTINGS):
        bundles = ServedBundles()
        bundles.serve(served)
        return DriftWatch(database, bundles, settings, clock=clock, submit=submit)

    return make_watch


@pytest.fixture
def drifted(database, counter, counts_of, now):
    add_counts(database, counter.reference, "a", counts_of(150, shift=1.5), now)


@pytest.mark.usefixtures("drifted")
def test_drift_asks_for_one_retraining_which_the_board_can_read(make_watch, board, clock):
    watch = make_watch()
    for _ in range(3):
        watch.check()
        clock.advance(600)
    assert watch.latest.summary.kind == "higher"
    assert board.asked == 1
    ((_, spec),) = board.jobs.values()
    wanted = JobSpec.from_json(spec)
    assert (wanted.kind, wanted.cohort, wanted.reason) == ("retrain", "made-up", "drift")


@pytest.mark.usefixtures("drifted")
def test_processes_of_one_service_ask_for_one_job(make_watch, board, database):
    first, second = make_watch(), make_watch()
    second.check()
    with database.writing() as connection:  # the other had looked before the first had noted it
        connection.exec_driver_sql("DELETE FROM drift_submissions")
    first.check()
    assert (board.asked, len(board.jobs)) == (2, 1)


def test_it_asks_again_after_a_while_and_not_before(
    make_watch, board, clock, database, counter, counts_of, now
):
    for day in range(9):
        moment = now + timedelta(days=day)
        add_counts(database, counter.reference, "a", counts_of(150, seed=day, shift=1.5), moment)
        make_watch().check()  # a service that starts anew each day
        clock.advance(DAY)
    assert board.asked == 2
    assert len(board.jobs) == 2


@pytest.mark.usefixtures("drifted")
def test_a_board_that_is_away_is_asked_again(make_watch, board):
    watch = make_watch()
    board.is_away = True
    with pytest.raises(BoardAway):
        watch.check()
    board.is_away = False
    watch.check()
    assert len(board.jobs) == 1


@pytest.mark.usefixtures("drifted")
def test_the_cohort_can_be_named(make_watch, board):
    settings = WatchSettings(600, 7, 0.1, "tcga", 7)
    make_watch(settings=settings).check()
    ((_, spec),) = board.jobs.values()
    assert spec["cohort"] == "tcga"


@pytest.mark.usefixtures("drifted")
def test_nothing_is_asked_for_where_nobody_wants_it(make_watch, board):
    watch = make_watch(submit=None)
    watch.check()
    assert watch.latest.summary.has_drifted
    assert board.asked == 0


def test_without_drift_nothing_is_asked_for(make_watch, board, database, counter, counts_of, now):
    watch = make_watch()
    watch.check()
    assert watch.latest is None  # nothing was ever counted
    add_counts(database, counter.reference, "a", counts_of(150), now)
    watch.check()
    assert watch.latest.summary.kind == "none"
    assert board.asked == 0


@pytest.mark.usefixtures("drifted")
def test_drift_that_is_over_is_forgotten(make_watch, clock, board):
    watch = make_watch(submit=None)
    clock.advance(7 * DAY)
    watch.check()
    assert watch.latest.summary.n_profiles == 0


def test_before_a_bundle_answers_there_is_nothing_to_look_at(database, clock):
    watch = DriftWatch(database, ServedBundles(), SETTINGS, clock=clock)
    watch.check()
    assert watch.latest is None


@pytest.mark.usefixtures("drifted")
def test_metrics_say_what_the_last_look_found_and_name_no_gene(make_watch):
    watch = make_watch(submit=None)
    collector = DriftCollector(lambda: watch.latest)
    collector.count("stored", 150)
    assert [family.name for family in collector.collect()] == ["cupromark_drift_profiles"]
    watch.check()
    found = {family.name: family.samples for family in collector.collect()}
    assert found["cupromark_drift_detected"][0].value == 1
    assert found["cupromark_drift_genes_share"][0].value == 1
    assert found["cupromark_drift_psi_median"][0].value > 0.25
    assert found["cupromark_drift_window_profiles"][0].value == 150
    assert sum(len(samples) for samples in found.values()) < 20
