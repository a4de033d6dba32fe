import pytest

from serving.access.session_origin import HEADER, refuse_foreign, refuse_other_origins
from serving.access.session_tokens import make_secret, page_token
from serving.errors import CrossSiteError

SECRET = make_secret()
OWN = {"host": "desk.test:8000", "origin": "http://desk.test:8000"}


def headers(**given):
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]


def token(secret=SECRET):
    return (HEADER, page_token(secret).encode())


@pytest.mark.parametrize(
    "said",
    [
        OWN,
        {"host": "desk.test", "origin": "https://desk.test"},  # a proxy ends TLS
        {"host": "desk.test:443", "origin": "https://desk.test"},
        {"host": "desk.test", "origin": "http://desk.test:80"},
        {"host": "[::1]:8000", "origin": "http://[::1]:8000"},
        {"host": "desk.test", "sec_fetch_site": "same-origin"},
        {"host": "desk.test", "origin": "null", "sec_fetch_site": "same-origin"},
        {**OWN, "sec_fetch_site": "same-origin"},
    ],
)
def test_a_page_of_this_host_is_let_through(said):
    refuse_other_origins(headers(**said))


@pytest.mark.parametrize(
    "said",
    [
        {"host": "desk.test"},  # no browser of these ten years says nothing
        {"host": "desk.test", "origin": "null"},
        {"host": "desk.test", "origin": ""},
        {"host": "desk.test", "origin": "http://evil.test"},
        {"host": "desk.test", "origin": "http://desk.test:8001"},
        {"host": "desk.test:8000", "origin": "http://desk.test"},
        {"host": "desk.test", "origin": "http://desk.test.evil.test"},
        {"host": "desk.test", "origin": "http://desk.test@evil.test"},
        {"host": "desk.test", "origin": "http://[desk.test"},
        {"host": "desk.test", "origin": "file://desk.test"},
        {"host": "", "origin": "http://"},
        {"origin": "http://desk.test"},
        {"host": "desk.test", "sec_fetch_site": "cross-site"},
        {"host": "desk.test", "sec_fetch_site": "none"},
        {**OWN, "sec_fetch_site": "same-site"},  # another port of this computer
        {**OWN, "sec_fetch_site": "cross-site"},
        {**OWN, "origin": "http://evil.test", "sec_fetch_site": "same-origin"},
    ],
)
def test_whatever_comes_from_elsewhere_is_refused(said):
    with pytest.raises(CrossSiteError):
        refuse_other_origins(headers(**said))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_token(method):
    refuse_foreign(headers(host="desk.test", origin="http://evil.test"), method, SECRET)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "INVENTED"])
def test_whatever_may_change_something_needs_the_token_of_its_login(method):
    own = headers(**OWN)
    refuse_foreign([*own, token()], method, SECRET)
    wrong = [[], [(HEADER, b"")], [token(make_secret())], [token(), token()]]
    for shown in wrong:
        with pytest.raises(CrossSiteError, match="token"):
            refuse_foreign([*own, *shown], method, SECRET)


def test_a_good_token_from_elsewhere_is_refused():
    with pytest.raises(CrossSiteError, match="page of this service"):
        refuse_foreign([*headers(host="a", origin="http://b"), token()], "POST", SECRET)
