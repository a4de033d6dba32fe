"""Logging in at a running service without a browser, for browsers that are to be logged in."""

import re

import httpx

from tests.end_to_end.running_service import PATIENCE_SECONDS


def log_in(client, key):
    """Show a key at the login as a browser does; the client is logged in then."""
    form = client.get("/login").text.partition('action="/login"')[2]
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    filled = {"csrf_token": token, "key": key, "next": "/"}
    answer = client.post("/login", data=filled, headers={"Origin": str(client.base_url)})
    assert answer.status_code == 303, answer.text


def login_cookies(address, key):
    """Cookies of a new login, as Playwright's `context.add_cookies` takes them."""
    with httpx.Client(base_url=address, timeout=PATIENCE_SECONDS) as client:
        log_in(client, key)
        return [
            {"name": name, "value": value, "url": address}
            for name, value in client.cookies.items()
            if "session" in name
        ]
