import pytest

from training.notifications.addresses import WebhookError, check_url, destination_of, is_public

HOSTS = ("hooks.example.org",)
URL = "https://hooks.example.org/a/b?c=d"
INSIDE = [
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1",  # noqa: S104
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "nonsense",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "::7f00:1", "fec0::1",
    "::ffff:0:127.0.0.1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_behind_the_wall_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"],
)
def test_addresses_of_the_internet_are(address):
    assert is_public(address)


def test_what_was_checked_is_what_is_connected_to():
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])  # a name that changes between two looks
    found = destination_of(URL, HOSTS, resolve=lambda host, port: next(answers))
    assert (found.address, found.host, found.port, found.path) == (
        "93.184.215.14", "hooks.example.org", 443, "/a/b?c=d",
    )  # fmt: skip


def test_one_address_behind_the_wall_among_public_ones_is_enough_to_refuse():
    with pytest.raises(WebhookError, match=r"10\.0\.0\.8"):
        destination_of(URL, HOSTS, resolve=lambda host, port: ["93.184.215.14", "10.0.0.8"])
    with pytest.raises(WebhookError, match="no address"):
        destination_of(URL, HOSTS, resolve=lambda host, port: [])


@pytest.mark.parametrize(
    "error", [OSError("Name or service not known"), UnicodeError("label too long")]
)
def test_a_host_that_is_not_known_is_said_to_be(error):
    def unknown(host, port):
        raise error

    with pytest.raises(WebhookError, match="cannot be looked up"):
        destination_of(URL, HOSTS, resolve=unknown)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://elsewhere.example.org/",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.org@evil.example/",
        "https://me:word@hooks.example.org/",
        "https:///nowhere",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:x/",
        "https://[hooks.example.org/",
        "https://hooks.example.org/\x7f",
        "https://hooks.example.org/ü",
        "https://127.0.0.1/",
    ],
)
def test_what_was_not_allowed_is_refused_before_it_is_looked_up(url):
    with pytest.raises(WebhookError):
        check_url(url, HOSTS)
