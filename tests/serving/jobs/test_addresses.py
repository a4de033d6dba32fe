import pytest

from serving.jobs.addresses import is_event_stream, keeps_keys


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/jobs/a1/events", True),
        ("POST", "/v1/jobs/a1/events", False),
        ("GET", "/v1/jobs/a1/log", False),
        ("GET", "/v1/jobs/a/b/events", False),
        ("GET", "/v1/jobs/a1/events/", False),
    ],
)
def test_only_events_take_as_long_as_their_job(method, path, expected):
    assert is_event_stream({"method": method, "path": path}) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/jobs", True),
        ("/v1/jobs/a1/retry", True),
        ("/v1/jobs/a1/cancel", False),
        ("/v1/jobs/", False),
        ("/v1/predictions", False),
    ],
)
def test_the_board_keeps_the_keys_of_what_makes_jobs(path, expected):
    assert keeps_keys(path) is expected
