import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from serving.access.keys import BASE_62, digest_of, is_well_formed, make_key


def test_a_key_has_its_form_and_holds_its_id():
    key = make_key()
    assert re.fullmatch(r"cmk_[0-9a-z]{8}_[0-9A-Za-z]{49}", key.text)
    assert key.text.split("_")[1] == key.key_id
    assert is_well_formed(key.text)


def test_no_two_keys_are_alike():
    keys = [make_key() for _ in range(2000)]
    assert len({key.text for key in keys}) == len({key.key_id for key in keys}) == 2000


def test_the_secret_does_not_show_in_a_repr():
    key = make_key()
    assert key.text not in repr(key)


@given(st.integers(4, 61), st.sampled_from(BASE_62))
def test_one_wrong_character_is_noticed(place, character):
    key = make_key().text
    mistyped = key[:place] + character + key[place + 1 :]
    assert is_well_formed(mistyped) == (mistyped == key)


@given(st.text())
def test_other_texts_are_no_keys(text):
    assert not is_well_formed(text)
    assert not is_well_formed(f"cmk_{text}")


def test_what_comes_before_or_after_is_no_part_of_a_key():
    key = make_key().text
    for text in (f"{key}\n", f" {key}", f"{key}0", key[:-1], key.upper(), key.replace("_", "-")):
        assert not is_well_formed(text)


def test_the_digest_is_sha256():
    assert digest_of(b"cmk_x") == hashlib.sha256(b"cmk_x").digest()
