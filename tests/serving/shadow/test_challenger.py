"""Following the alias: fetched like any version, and never at the cost of the champion."""

from dataclasses import replace

import pytest

from serving.shadow.challenger import ChallengerInMemory


def test_the_challenger_is_asked_for_and_then_answers(store, challenger):
    following = ChallengerInMemory(store.bundles)
    assert following.standing.state == "waiting"
    assert following.look().state == "waiting"
    assert store.asked == ["2"]
    standing = following.look()
    assert (standing.state, standing.reason) == ("on", "")
    assert standing.challenger is challenger
    store.bundles._others.clear()  # other versions were asked for since: it stays
    assert following.look().challenger is challenger
    assert store.asked == ["2"]


def test_a_damaged_challenger_turns_the_shadow_off_and_leaves_the_champion(store, champion):
    store.brings.clear()
    store.refuse("2", "linear.npz was changed.")
    following = ChallengerInMemory(store.bundles)
    standing = following.look()
    assert (standing.state, standing.challenger) == ("refused", None)
    assert "linear.npz was changed" in standing.reason
    assert store.asked == []  # it is not fetched again until the store lists something new
    assert store.bundles.require() is champion


def test_the_alias_is_followed(store, following, champion, challenger):
    another = replace(challenger, version="3", sha256="ef" * 32)
    store.brings["3"] = another
    store.name(champion=champion, challenger=another)
    assert following.look().state == "waiting"  # never the old one for the new
    assert following.look().challenger is another
    store.name(champion=champion)
    assert following.look().challenger is None


def test_a_promotion_ends_the_shadow(store, following, challenger):
    store.bundles.serve(challenger)
    standing = following.look()
    assert (standing.state, standing.challenger) == ("waiting", None)
    assert "champion itself" in standing.reason


def test_only_the_champion_has_a_shadow(store, following, champion, challenger):
    assert following.answers_beside(champion)
    assert not following.answers_beside(challenger)


def test_a_folder_has_no_challenger(store, following, champion):
    store.bundles.serve(replace(champion, source="folder", version=None))
    assert "folder" in following.look().reason


@pytest.mark.parametrize("n_looks", [1, 3])
def test_no_bundle_no_shadow(made_up_source, n_looks):
    following = ChallengerInMemory(type(made_up_source.bundles)())
    for _ in range(n_looks):
        assert following.look().state == "waiting"
