import pytest

from serving.bundles.messages import (
    Checked,
    Orders,
    Refused,
    Unreachable,
    Working,
    parse_message,
    parse_orders,
    to_line,
)


def test_every_message_comes_back_as_it_was(say):
    messages = [
        say.listed("2", "2", "1"),
        say.listed(None),
        Checked(),
        Working("2"),
        say.fetched("2"),
        Refused("2", say.sha256_of("2"), "It is\ndamaged, naïvely."),
        Unreachable("no answer"),
    ]
    for message in messages:
        line = to_line(message)
        assert line.count(b"\n") == 1
        assert parse_message(line) == message


def test_orders_come_back_as_they_were():
    orders = Orders("sqlite:///db", "cache", "cupromark", "champion", 5.0, ("ab", "cd"))
    assert parse_orders(to_line(orders)) == orders


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"{}", b'{"event":"nothing"}', b'{"event":"working"}', b"MLflow says hello"],
)
def test_what_is_not_a_message_is_refused(line):
    with pytest.raises(ValueError, match="not a message"):
        parse_message(line)
