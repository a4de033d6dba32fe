import base64

import pytest

from serving.access.session_tokens import (
    is_page_token,
    is_secret,
    make_secret,
    page_token,
    secret_digest,
)


def test_secrets_have_256_bits_and_are_never_the_same():
    secrets = {make_secret() for _ in range(200)}
    assert len(secrets) == 200
    assert all(is_secret(secret) for secret in secrets)
    assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in secrets)


@pytest.mark.parametrize(
    "text", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "ä" * 43, "a" * 42 + "\n"]
)
def test_what_is_no_secret_is_not_taken_for_one(text):
    assert not is_secret(text)


def test_the_database_learns_nothing_that_lets_anybody_in():
    secret = make_secret()
    assert len(secret_digest(secret)) == 32
    assert secret_digest(secret) != secret_digest(make_secret())
    assert base64.urlsafe_b64decode(secret + "=") != secret_digest(secret)


def test_a_page_shows_another_token_each_time_and_all_of_them_hold():
    secret = make_secret()
    tokens = {page_token(secret) for _ in range(50)}
    assert len(tokens) == 50
    assert all(is_page_token(token, secret) for token in tokens)
    assert all(secret not in token for token in tokens)


def test_a_token_of_another_login_does_not_hold():
    assert not any(is_page_token(page_token(make_secret()), make_secret()) for _ in range(50))


def test_a_token_with_any_character_changed_does_not_hold():
    secret = make_secret()
    token = page_token(secret)
    for at, character in enumerate(token[:-1]):  # the last one holds bits of padding
        other = "A" if character != "A" else "B"
        assert not is_page_token(token[:at] + other + token[at + 1 :], secret)


@pytest.mark.parametrize("token", ["", "a", "=" * 90, "ä" * 86, "a" * 85, "a" * 10_000, "\0" * 86])
def test_what_is_no_token_is_refused_without_complaint(token):
    assert not is_page_token(token, make_secret())
