import errno
import tempfile

import pytest

from serving.errors import NotReadyError
from serving.uploads.temporary import PREFIX, remove_left_over, temporary_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_request(temporary):
    with temporary_folder() as folder:
        (folder / "profiles.csv").write_text("x")
    assert list(temporary.iterdir()) == []


def test_what_a_killed_service_left_is_removed_and_nothing_else(temporary):
    left = temporary / f"{PREFIX}left"
    (left / "file").mkdir(parents=True)
    (left / "file" / "profiles.csv").write_text("x")
    (temporary / "other").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "other")
    with temporary_folder() as held:
        remove_left_over()
        assert sorted(temporary.iterdir()) == sorted(
            [held, temporary / "other", temporary / f"{PREFIX}link"]
        )


def test_a_service_that_starts_at_that_moment_takes_no_folder_away(temporary, monkeypatch):
    make, met = tempfile.mkdtemp, []

    def make_and_meet(**given):
        made = make(**given)
        if len(met) < 3:
            met.append(made)
            remove_left_over()
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_meet)
    with temporary_folder() as folder:
        assert folder.is_dir()
        assert len(set(met)) == 3
        remove_left_over()
        assert list(temporary.iterdir()) == [folder]
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_no_fault_of_the_service(temporary):
    with pytest.raises(NotReadyError, match="no room"), temporary_folder():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_gone_is_said(temporary, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "gone"))
    with pytest.raises(NotReadyError, match="no room"), temporary_folder():
        pass
    remove_left_over()


def test_other_errors_stay_what_they_are():
    with pytest.raises(OSError, match="other"), temporary_folder():
        raise OSError(errno.EIO, "other")
