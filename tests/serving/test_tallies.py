import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from serving.tallies import Tally, TimesTally

BOUNDS = (0.01, 0.1, 1.0)
SECONDS = (0.0, 0.01, 0.0100001, 0.5, 1.0, 7.0)


@pytest.fixture
def registry():
    return CollectorRegistry()


def test_a_tally_reads_as_the_counter_of_prometheus(registry):
    tally = Tally("things", "Some.", ("kind", "status"))
    registry.register(tally)
    tally.add(("a", 200))
    tally.add(("a", 200), 4)
    tally.add(('quo"te', 404))
    theirs = CollectorRegistry()
    counter = Counter("things", "Some.", ("kind", "status"), registry=theirs)
    counter.labels("a", "200").inc(5)
    counter.labels('quo"te', "404").inc()
    assert shown(registry) == shown(theirs)


def test_times_read_as_the_histogram_of_prometheus(registry):
    times = TimesTally("times_seconds", "Some.", ("route",), BOUNDS)
    registry.register(times)
    theirs = CollectorRegistry()
    histogram = Histogram("times_seconds", "Some.", ("route",), buckets=BOUNDS, registry=theirs)
    for seconds in SECONDS:
        times.add(("/here",), seconds)
        histogram.labels("/here").observe(seconds)
    assert shown(registry) == shown(theirs)


def shown(registry):
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if "_created" not in line]
