from dataclasses import replace

import pytest

from serving.bundles.messages import KnownVersion
from serving.errors import NotFoundError, NotReadyError
from serving.reports.choice import choose_bundle


def known(version, sha256):
    return KnownVersion(version, sha256, (), 0.0, {})


@pytest.fixture
def bundles(made_up_source):
    """Version 1 answers, version 3 is in memory too, version 2 was refused."""
    bundles = made_up_source.bundles
    first = bundles.require()
    bundles.keep(replace(first, version="3", sha256="cd" * 32))
    listed = (known("3", "cd" * 32), known("2", "abce" + "0" * 60), known("1", "ab" * 32))
    bundles.note(
        replace(bundles.progress, versions=listed, other_refusals={"2": "a file was changed"})
    )
    return bundles


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("champion", "1"),
        ("1", "1"),
        ("3", "3"),
        ("ab" * 32, "1"),
        ("abababab", "1"),
        ("cdcdcdcd", "3"),
    ],
)
def test_a_bundle_at_hand_is_found(bundles, asked, version):
    assert choose_bundle(bundles, asked).version == version


def test_a_refused_version_says_why(bundles):
    for asked in ("2", "abce0000"):
        with pytest.raises(NotReadyError, match="refused") as caught:
            choose_bundle(bundles, asked)
        assert "a file was changed" in caught.value.remedy


def test_a_number_is_no_beginning_of_a_sha256(bundles):
    more = (*bundles.progress.versions, known("5", "4" * 64))
    bundles.note(replace(bundles.progress, versions=more))
    with pytest.raises(NotFoundError, match="No such bundle"):
        choose_bundle(bundles, "4")


@pytest.mark.parametrize("asked", ["4", "ffffffff"])
def test_what_nobody_registered_is_not_found(bundles, asked):
    with pytest.raises(NotFoundError, match="No such bundle"):
        choose_bundle(bundles, asked)


def test_a_beginning_that_several_share_is_refused(bundles):
    more = (*bundles.progress.versions, known("5", "cdcdcdcd" + "1" * 56))
    bundles.note(replace(bundles.progress, versions=more))
    with pytest.raises(NotFoundError, match="Several"):
        choose_bundle(bundles, "cdcdcdcd")
