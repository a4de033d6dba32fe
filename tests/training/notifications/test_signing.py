import pytest

from training.notifications.signing import is_genuine, signed_headers

BODY = b'{"event":"job.promoted"}'


def test_the_signature_is_that_of_the_specification():
    headers = signed_headers("key", "msg_1", b'{"data":1}', now=1731705121.9)
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1731705121",
        "webhook-signature": "v1,TuT+2pXujkeYbRGxtRLJkL0HNjXKxPhf9R9s24lrFNI=",
    }


def test_a_receiver_believes_what_is_signed_and_fresh():
    headers = signed_headers("secret", "1", BODY, now=1000.0)
    assert is_genuine("secret", headers, BODY, now=1100.0)


@pytest.mark.parametrize(
    ("secret", "changed", "body", "now"),
    [
        ("another", {}, BODY, 1000.0),
        ("secret", {}, BODY + b" ", 1000.0),
        ("secret", {"webhook-id": "2"}, BODY, 1000.0),
        ("secret", {"webhook-timestamp": "1001"}, BODY, 1000.0),
        ("secret", {"webhook-timestamp": "now"}, BODY, 1000.0),
        ("secret", {"webhook-timestamp": "9" * 5000}, BODY, 1000.0),
        ("secret", {"webhook-signature": ""}, BODY, 1000.0),
        ("secret", {"webhook-signature": "v1,é"}, BODY, 1000.0),
        ("secret", {}, BODY, 2000.0),
    ],
)
def test_and_nothing_else(secret, changed, body, now):
    headers = signed_headers("secret", "1", BODY, now=1000.0) | changed
    assert not is_genuine(secret, headers, body, now=now)
