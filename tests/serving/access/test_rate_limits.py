import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.access.rate_limits import RateLimiter, address_group
from serving.errors import RateLimitedError


def let_in(limiter, per_minute, caller="a"):
    try:
        return limiter.take(caller, per_minute)
    except RateLimitedError:
        return None


def test_a_minutes_worth_may_come_at_once_and_then_one_by_one(clock):
    limiter = RateLimiter(monotonic=clock)
    assert [limiter.take("a", 3).remaining for _ in range(3)] == [2, 1, 0]
    with pytest.raises(RateLimitedError) as caught:
        limiter.take("a", 3)
    assert caught.value.retry_after_seconds == pytest.approx(20)
    clock.advance(20)
    assert limiter.take("a", 3).remaining == 0
    assert let_in(limiter, 3) is None
    clock.advance(60)
    assert [limiter.take("a", 3).remaining for _ in range(3)] == [2, 1, 0]


@given(st.integers(1, 100), st.lists(st.floats(0, 30), min_size=1, max_size=300))
def test_nobody_gets_more_than_the_burst_and_the_rate(per_minute, pauses):
    now = [0.0]
    limiter = RateLimiter(monotonic=lambda: now[0])
    passed = 0
    for pause in pauses:
        now[0] += pause
        passed += let_in(limiter, per_minute) is not None
    assert passed <= per_minute + now[0] * per_minute / 60 + 1e-3


@given(st.integers(1, 1000))
def test_whoever_keeps_to_the_rate_is_never_refused(per_minute):
    now = [1e6]
    limiter = RateLimiter(monotonic=lambda: now[0])
    for _ in range(3 * per_minute):
        limiter.take("a", per_minute)
        now[0] += 60 / per_minute


def test_waiting_as_long_as_it_says_is_enough(clock):
    limiter = RateLimiter(monotonic=clock)
    for _ in range(7):
        limiter.take("a", 7)
    with pytest.raises(RateLimitedError) as caught:
        limiter.take("a", 7)
    clock.advance(caught.value.retry_after_seconds)
    limiter.take("a", 7)


def test_callers_do_not_share_a_limit(clock):
    limiter = RateLimiter(monotonic=clock)
    limiter.take("a", 1)
    assert let_in(limiter, 1) is None
    assert let_in(limiter, 1, "b") is not None


def test_checking_counts_nothing(clock):
    limiter = RateLimiter(monotonic=clock)
    for _ in range(10):
        limiter.check("a", 1)
    limiter.take("a", 1)
    for _ in range(2):
        with pytest.raises(RateLimitedError):
            limiter.check("a", 1)
    clock.advance(60)
    limiter.check("a", 1)


def test_memory_is_bounded(clock):
    limiter = RateLimiter(monotonic=clock, most_callers=10)
    for number in range(1000):
        limiter.take(str(number), 1)
    assert len(limiter._free_at) == 10
    assert let_in(limiter, 1, "999") is None


def test_headers_name_policy_and_what_is_left(clock):
    limiter = RateLimiter(monotonic=clock)
    limiter.take("a", 60)
    assert limiter.take("a", 60).headers("key") == (
        (b"ratelimit-policy", b'"key";q=60;w=60'),
        (b"ratelimit", b'"key";r=58;t=2'),
    )


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_an_address_stands_for_one_user(host, group):
    assert address_group(host) == group
