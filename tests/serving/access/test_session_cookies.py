import pytest

from serving.access.session_cookies import SessionCookies
from serving.settings import ServingSettings

PLAIN, SECURE = SessionCookies(secure=False), SessionCookies(secure=True)
# As make_secret gives one, but always the same: it names tests.
SECRET = "Q6phCJHDsqEIKNiccE1jYMV9L5A_Nh8OVzxfTXNxPbA"  # noqa: S105


def test_a_cookie_is_out_of_reach_of_scripts_and_of_other_sites():
    for cookies in (PLAIN, SECURE):
        for header in (cookies.set_session(SECRET, seconds=60), cookies.set_login(SECRET)):
            attributes = header.split("; ")[1:]
            assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
            assert not any(each.startswith("Domain") for each in attributes)
            assert ("Secure" in attributes) == cookies.secure


def test_a_secure_cookie_has_a_name_that_no_other_host_can_set():
    assert SECURE.session.startswith("__Host-")
    assert SECURE.login.startswith("__Host-")
    assert SECURE.session != SECURE.login


def test_a_cookie_is_forgotten_under_the_attributes_that_it_was_set_with():
    for cookies in (PLAIN, SECURE):
        was_set, cleared = cookies.set_session(SECRET, seconds=60), cookies.clear_session()
        assert cleared == was_set.replace(SECRET, "").replace("Max-Age=60", "Max-Age=0")


@pytest.mark.parametrize("cookies", [PLAIN, SECURE], ids=["plain", "secure"])
def test_what_was_set_is_read_among_others(cookies):
    name = cookies.session
    for value in (
        f"{name}={SECRET}",
        f"a=b; {name}={SECRET};c=d",
        f'x="{name}"; {name}={SECRET}',
    ):
        assert cookies.read_session([(b"host", b"here"), (b"cookie", value.encode())]) == SECRET
        assert cookies.read_login([(b"cookie", value.encode())]) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "cupromark-session",
        "cupromark-session=",
        "cupromark-session=short",
        f"cupromark-session={SECRET}x",
        f"cupromark-sessions={SECRET}",
        f"x-cupromark-session={SECRET}",
        f"cupromark-session={SECRET}; cupromark-session={SECRET[::-1]}",
        "cupromark-session=" + "ä" * 43,
    ],
)
def test_what_is_no_secret_or_comes_twice_is_not_read(value):
    assert PLAIN.read_session([(b"cookie", value.encode())]) is None


def test_a_plain_cookie_is_not_taken_where_secure_ones_are_set():
    planted = [(b"cookie", f"cupromark-session={SECRET}".encode())]
    assert SECURE.read_session(planted) is None


@pytest.mark.parametrize(
    ("given", "secure"),
    [
        ({"host": "127.0.0.1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),  # noqa: S104 - nothing listens
        ({"host": "127.0.0.1", "secure_cookies": True}, True),
        ({"host": "10.0.0.1", "secure_cookies": False}, False),
    ],
)
def test_cookies_are_secure_everywhere_but_on_loopback_unless_it_is_said(given, secure):
    assert ServingSettings(**given).has_secure_cookies is secure
