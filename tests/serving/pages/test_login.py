"""Logging in and out over HTTP, on SQLite and on Postgres."""

import re

import pytest

from serving.access.audit_entries import read_entries
from serving.access.keys import make_key
from serving.access.session_tokens import make_secret

SESSION = "cupromark-session"
QUESTION = {"profiles": []}  # whoever is let in hears 422
# For what does not depend on the kind of the database.
sqlite_alone = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def browser(site, make_browser):
    return make_browser(site.app)


def audit_of(site):
    site.access.audit.flush()
    return [entry.action for entry in reversed(read_entries(site.access.database))]


def test_whoever_logs_in_is_led_to_where_they_wanted_and_named_on_every_page(site, browser):
    answer = browser.log_in(site.keys["A. Lead"].text, following="/drugs?a=b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/drugs?a=b")
    assert answer.headers["cache-control"] == "private, no-store"
    for path in ("/", "/drugs", "/claims", "/predict", "/docs", "/problems", "/session"):
        page = browser.get(path, Accept="text/html")
        assert page.status_code == 200
        assert "A. Lead" in page.text
        assert ">lead<" in page.text
        assert 'action="/logout"' in page.text
        assert "no-store" in page.headers["cache-control"]
        assert "Cookie" in page.headers["vary"]


@sqlite_alone
def test_the_cookie_speaks_for_the_key_at_the_api_too(site, browser):
    browser.log_in(site.keys["A. Reviewer"].text)
    told = browser.get("/v1/session").json()
    assert (told["name"], told["role"]) == ("A. Reviewer", "reviewer")
    assert told["key_id"] == site.keys["A. Reviewer"].key_id
    assert told["scopes"] == ["predict", "review"]
    assert browser.get("/v1/drugs").status_code == 200
    assert browser.get("/metrics").status_code == 403


@sqlite_alone
def test_neither_the_key_nor_the_secret_is_on_any_page_or_in_the_database(site, browser):
    key = site.keys["A. Lead"].text
    browser.log_in(key)
    secret = browser.cookies[SESSION]
    for path in ("/", "/session", "/login", "/v1/session"):
        text = browser.get(path).text
        assert key not in text
        assert secret not in text
    for entry in read_entries(site.access.database):
        assert secret not in str(entry)


def test_a_login_has_a_secret_of_its_own_whatever_cookie_was_planted(site, browser):
    planted = browser.cookies[SESSION] = make_secret()
    browser.log_in(site.keys["V. Viewer"].text)
    first = browser.cookies[SESSION]
    assert first != planted
    browser.log_in(site.keys["V. Viewer"].text)
    second = browser.cookies[SESSION]
    assert second != first
    browser.cookies[SESSION] = first  # the former login ended with the new one
    assert browser.get("/v1/session").status_code == 401


@sqlite_alone
def test_the_cookie_is_kept_from_scripts_and_other_sites_and_ends_with_the_login(site, browser):
    browser.log_in(site.keys["V. Viewer"].text)
    (said,) = [each for each in browser.said if each.startswith(f"{SESSION}=")]
    assert said.endswith("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax")


def test_over_tls_the_cookie_belongs_to_this_host_alone(make_site, make_browser, tmp_path):
    site = make_site(f"sqlite:///{tmp_path / 'serving.db'}", secure_cookies=True)
    browser = make_browser(site.app)
    assert browser.log_in(site.keys["V. Viewer"].text).status_code == 303
    assert f"__Host-{SESSION}" in browser.cookies
    assert all(each.endswith("; Secure") for each in browser.said)
    assert browser.get("/drugs").status_code == 200


@sqlite_alone
def test_wrong_keys_all_hear_the_same(site, browser, clock):
    revoked = site.keys["V. Viewer"]
    site.access.keys.revoke(revoked.key_id, revoked_by="test")
    site.access.key_cache.refresh()
    told = set()
    for key in ("", "cmk_wrong", make_key().text, revoked.text, revoked.text[:-1], "ä\r\nX: y"):
        answer = browser.log_in(key)
        assert answer.status_code == 401
        assert SESSION not in browser.cookies
        told.add(re.search(r'<div class="problem">.*?</div>', answer.text, re.DOTALL)[0])
    assert len(told) == 1
    assert "mistyped, expired or revoked" in told.pop()


def test_guessing_at_the_login_is_slowed_down(make_site, make_browser, tmp_path):
    site = make_site(f"sqlite:///{tmp_path / 'serving.db'}", failed_keys_per_minute=3)
    browser = make_browser(site.app)
    codes = [browser.log_in(make_key().text).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    answer = browser.log_in(make_key().text)
    assert int(answer.headers["retry-after"]) > 0
    assert browser.log_in(site.keys["V. Viewer"].text).status_code == 303


def test_what_was_tried_and_done_is_in_the_audit_trail(site, browser, clock):
    browser.log_in(make_key().text)
    clock.advance(1)
    browser.log_in(site.keys["V. Viewer"].text)
    browser.post("/logout", data={"csrf_token": browser.token()})
    actions = [action for action in audit_of(site) if action.startswith("log")]
    assert actions == ["login.failed", "login", "logout"]


@sqlite_alone
def test_nobody_is_logged_in_by_a_page_of_another_site(site, browser):
    key = site.keys["V. Viewer"].text
    stray = {"key": key, "csrf_token": "x"}
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        form = browser.get("/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
        answer = browser.post("/login", headers=headers, data={"key": key, "csrf_token": token})
        assert answer.status_code == 403
    assert browser.post("/login", data=stray).status_code == 403
    browser.cookies.clear()
    assert browser.post("/login", data={"key": key, "csrf_token": token}).status_code == 403
    assert SESSION not in browser.cookies


@sqlite_alone
def test_what_may_change_something_needs_the_token_of_this_login(site, browser, make_browser):
    browser.log_in(site.keys["A. Reviewer"].text)
    other = make_browser(site.app)
    other.log_in(site.keys["A. Lead"].text)
    own, foreign = browser.token(), other.token()

    def status(**headers):
        return browser.post("/v1/predictions", json=QUESTION, headers=headers).status_code

    assert status(**{"X-CSRF-Token": own}) == 422
    assert status() == 403
    assert status(**{"X-CSRF-Token": foreign}) == 403
    assert status(**{"X-CSRF-Token": own, "Origin": "http://evil.test"}) == 403
    assert status(**{"X-CSRF-Token": own, "Sec-Fetch-Site": "same-site"}) == 403
    answer = browser.post("/v1/predictions", json=QUESTION)
    assert answer.json()["type"] == "/problems/cross-site"


@sqlite_alone
def test_with_an_idempotency_key_the_token_is_needed_all_the_same(site, browser):
    browser.log_in(site.keys["A. Reviewer"].text)
    answer = browser.post("/v1/predictions", json=QUESTION, headers={"Idempotency-Key": "one"})
    assert answer.json()["type"] == "/problems/cross-site"


@sqlite_alone
def test_a_key_needs_no_token_and_goes_before_the_cookie(site, browser):
    browser.log_in(site.keys["V. Viewer"].text)
    key = {"X-API-Key": site.keys["A. Lead"].text, "Origin": "http://evil.test"}
    assert browser.post("/v1/predictions", json=QUESTION, headers=key).status_code == 422
    told = browser.get("/v1/session", **key).json()
    assert (told["name"], told["csrf_token"]) == ("A. Lead", None)


def test_logging_out_ends_the_login_itself(site, browser):
    browser.log_in(site.keys["V. Viewer"].text)
    kept = dict(browser.cookies)
    answer = browser.post("/logout", data={"csrf_token": browser.token()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?left=1")
    assert SESSION not in browser.cookies
    assert "You are logged out" in browser.get("/login?left=1").text
    browser.cookies = kept
    assert browser.get("/v1/session").status_code == 401
    assert browser.get("/drugs").headers["location"] == "/login?next=/drugs"


@sqlite_alone
def test_nobody_is_logged_out_by_a_page_of_another_site(site, browser):
    browser.log_in(site.keys["V. Viewer"].text)
    token = browser.token()
    for options in (
        {"data": {}},
        {"data": {"csrf_token": "x"}},
        {"data": {"csrf_token": token}, "headers": {"Origin": "http://evil.test"}},
    ):
        answer = browser.post("/logout", **options)
        assert answer.status_code == 403
        assert "V. Viewer" in answer.text
    assert browser.get("/v1/session").status_code == 200


def test_logging_out_everywhere_ends_all_logins_of_the_key_and_no_others(site, make_browser):
    browsers = [make_browser(site.app) for _ in range(3)]
    for browser in browsers:
        browser.log_in(site.keys["V. Viewer"].text)
    stranger = make_browser(site.app)
    stranger.log_in(site.keys["A. Lead"].text)
    assert "2 other logins of this key are open" in browsers[0].get("/session").text
    fields = {"csrf_token": browsers[0].token(), "everywhere": "1"}
    browsers[0].post("/logout", data=fields)
    assert [each.get("/v1/session").status_code for each in browsers] == [401, 401, 401]
    assert stranger.get("/v1/session").status_code == 200


def test_a_login_dies_with_its_key(site, browser):
    browser.log_in(site.keys["V. Viewer"].text)
    assert browser.get("/v1/session").status_code == 200
    site.access.keys.revoke(site.keys["V. Viewer"].key_id, revoked_by="test")
    site.access.key_cache.refresh()
    assert browser.get("/v1/session").status_code == 401
    assert browser.get("/drugs").status_code == 303


def test_a_login_ends_when_nobody_uses_it_and_at_its_end(make_site, make_browser, clock, tmp_path):
    site = make_site(
        f"sqlite:///{tmp_path / 'serving.db'}", session_idle_seconds=600, session_seconds=1500
    )
    browser = make_browser(site.app)

    def status_after(seconds):
        clock.advance(seconds)
        site.access.key_cache.refresh()
        return browser.get("/v1/session").status_code

    browser.log_in(site.keys["V. Viewer"].text)
    assert [status_after(500), status_after(500), status_after(600)] == [200, 200, 401]
    browser.log_in(site.keys["V. Viewer"].text)
    assert [status_after(500), status_after(500), status_after(500)] == [200, 200, 401]


@pytest.mark.parametrize(
    "following", ["//evil.test", "/\\evil.test", "https://evil.test", "/a\r\nSet-Cookie: x=y"]
)
@sqlite_alone
def test_the_login_leads_nowhere_else(site, browser, following):
    form = browser.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)[1]
    fields = {"key": site.keys["V. Viewer"].text, "csrf_token": token, "next": following}
    answer = browser.post("/login", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "x" not in browser.cookies


@pytest.mark.parametrize("content", [b"\xff\xfe", b"&".join([b"a=b"] * 20), b"x" * 20_000])
@sqlite_alone
def test_a_form_that_is_none_is_refused_on_a_page(site, browser, content):
    answer = browser.post("/login", content=content)
    assert answer.status_code in (400, 413)
    assert answer.headers["content-type"].startswith("text/html")


@sqlite_alone
def test_a_page_that_the_key_does_not_open_says_so_and_offers_another_key(site, browser):
    browser.log_in(site.keys["prometheus"].text)
    answer = browser.get("/drugs")
    assert answer.status_code == 403
    assert "lacks the scope predict" in answer.text
    assert "/login?next=/drugs" in answer.text
    assert "prometheus" in answer.text


def test_in_open_mode_a_named_key_is_asked_for_and_taken(make_site, make_browser, tmp_path):
    site = make_site(f"sqlite:///{tmp_path / 'serving.db'}", open_mode=True)
    browser = make_browser(site.app)
    page = browser.get("/drugs")
    assert page.status_code == 200
    assert "log in with a named key" in page.text
    assert "Nobody is logged in" in browser.get("/session").text
    browser.log_in(site.keys["A. Reviewer"].text)
    assert browser.get("/v1/session").json()["name"] == "A. Reviewer"
    assert "log in with a named key" not in browser.get("/drugs").text
    browser.post("/logout", data={"csrf_token": browser.token()})
    browser.cookies[SESSION] = make_secret()  # of a login that is over
    assert browser.get("/v1/session").json()["open_mode"]


def test_with_the_database_away_pages_say_so_and_nobody_is_told_a_lie(
    postgres, postgres_address, make_site, make_browser, clock
):
    site = make_site(postgres_address, database_away_seconds=60)
    known, unknown = make_browser(site.app), make_browser(site.app)
    known.log_in(site.keys["A. Reviewer"].text)
    token = known.token()
    form = unknown.get("/login").text
    fields = {
        "key": site.keys["V. Viewer"].text,
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', form)[1],
    }
    postgres.stop()
    try:
        clock.advance(3)
        assert known.get("/drugs").status_code == 200
        answers = [
            known.get("/reviews/audit"),
            known.post("/logout", data={"csrf_token": token}),
            unknown.post("/login", data=fields),
        ]
        for answer in answers:
            assert answer.status_code == 503
            assert "does not answer" in answer.text
            assert "ask again after 5 seconds" in answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"].startswith("text/html")
        assert SESSION in known.cookies
        assert SESSION not in unknown.cookies
        clock.advance(60)
        for path in ("/drugs", "/session"):
            assert known.get(path).status_code == 503
        assert known.get("/").status_code == 200
    finally:
        postgres.start()
    site.access.key_cache.refresh()
    assert known.get("/drugs").status_code == 200
