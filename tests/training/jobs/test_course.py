"""Progress goes from 0 to 100 and never back, and the time left follows from this attempt alone."""

import pytest

from models.jobs.spec import STEPS
from training.jobs.course import PROMOTE, RETRAIN, Course


@pytest.mark.parametrize("shares", [RETRAIN, PROMOTE])
def test_shares_are_of_known_steps_in_order_and_add_up(shares):
    assert sum(shares.values()) == pytest.approx(100)
    assert [step for step in STEPS if step in shares] == list(shares)


def test_retraining_has_every_step():
    assert tuple(RETRAIN) == STEPS


def test_the_way_goes_up_to_the_end():
    course = Course(RETRAIN, clock=lambda: 0.0)
    seen = []
    for step in RETRAIN:
        for share in (0.0, 0.5, 0.2, 1.0, 2.0):
            course.go(step, share)
            seen.append(course.percent)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(100)


def test_time_left_rests_on_what_this_attempt_did():
    now = [0.0]
    course = Course({"a": 50.0, "b": 50.0}, clock=lambda: now[0])
    assert course.seconds_left is None
    course.passed("a", 1.0)  # done by an earlier attempt, in no time
    assert (course.percent, course.seconds_left) == (50.0, None)
    course.begin("b", 0.0)
    now[0] = 30.0
    course.go("b", 0.5)
    assert course.seconds_left == pytest.approx(30.0)
    course.passed("b", 1.0)
    assert course.seconds_left == pytest.approx(0.0)


def test_every_share_of_a_step_that_an_earlier_attempt_did_says_nothing_of_the_speed():
    now = [0.0]
    course = Course({"a": 100.0}, clock=lambda: now[0])
    now[0] = 1.0
    course.passed("a", 0.25)
    now[0] = 2.0
    course.passed("a", 0.5)
    assert (course.percent, course.seconds_left) == (50.0, None)
    course.begin("a", 0.5)
    now[0] = 102.0
    course.go("a", 0.55)
    assert course.seconds_left == pytest.approx(900.0)  # 5% took 100 s, 45% are left
    course.passed("a", 0.6)  # of this attempt: still 100 s, for 10%
    assert course.seconds_left == pytest.approx(400.0)
