"""The files of a job stay the same, whatever comes into the cache while it runs."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from models.jobs.spec import JobSpec
from training.catalogue import Catalogue, CatalogueCohort, CatalogueFile
from training.errors import ChecksumError, DownloadError
from training.files import FileSettings, FileSource
from training.jobs import work_data
from training.jobs.job_files import JobFiles
from training.jobs.work import Task
from training.jobs.work_data import JobData
from training.releases import refresh_cohort

from tests.training.publishing import Published, Publisher, sha256_of  # isort: skip

FIRST, SECOND = b"gene,line\nFDX1,1.0\n", b"gene,line\nFDX1,2.0\n"
COHORT, KEY = "tiny", "expression"


@pytest.fixture
def publisher(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    running = Publisher({f"/{name}": Published(FIRST, etag=True) for name in (KEY, "hgnc")})
    yield running
    running.close()


@pytest.fixture
def cache(publisher, monkeypatch, tmp_path):
    """The cache, with a catalogue of one cohort of one file."""
    files = {
        key: CatalogueFile(
            key, key, "csv", f"{publisher.address}/{key}", f"tiny/{key}.csv", (f"{key}.csv",),
            (), None, None, None, 10_000, "none", "none",
        )
        for key in (KEY, "hgnc")
    }  # fmt: skip
    cohort = CatalogueCohort(COHORT, "T", {KEY: KEY}, {}, "rma_log2", "csv", "ln_ic50", "none")
    catalogue = Catalogue({COHORT: cohort}, files, ())
    monkeypatch.setattr("training.files.load_catalogue", lambda: catalogue)
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CUPROMARK_MIRROR", "")
    return tmp_path / "cache"


class Job:
    """A job as far as its files go; `restarted` is its next process."""

    def __init__(self, folder, reason):
        folder.mkdir(exist_ok=True)
        self.spec = JobSpec(kind="retrain", cohort=COHORT, reason=reason)
        self.folder, self.lines = folder, []
        self.data = JobData(self.spec, self._say)

    def _say(self, message):
        if "log" in message:
            self.lines.append(tuple(message["log"]))

    def task(self, **given):
        return Task("j", self.spec, self.folder, None, 1, self.folder, "ada", given)

    def fetch(self):
        self.found = work_data.fetch(self.task(), self.data)
        return {name: sha256 for name, _, sha256 in self.found["files"]}

    def verify(self):
        return work_data.verify(self.task(**self.found), self.data)

    def restarted(self):
        self.data = JobData(self.spec, self._say, self.folder)

    def read(self):
        return self.data.files.fetch(self.data.files.catalogue.file(KEY)).path.read_bytes()


@pytest.fixture
def job(cache, tmp_path):
    def job(reason="new release", name="job"):
        return Job(tmp_path / name, reason)

    return job


def test_a_job_that_looks_for_a_new_release_gets_it_and_others_do_not_ask(job, publisher):
    assert job().fetch()[KEY] == sha256_of(FIRST)
    publisher.files[f"/{KEY}"].publish(SECOND)
    n_asked = len(publisher.asked)
    for reason in ("by hand", "drift", "schedule:weekly"):
        assert job(reason, reason[:5]).fetch()[KEY] == sha256_of(FIRST)
    assert len(publisher.asked) == n_asked
    looking = job()
    assert looking.fetch()[KEY] == sha256_of(SECOND)
    assert ("info", "expression: a new release was fetched") in looking.lines
    assert ("info", "hgnc: unchanged") in looking.lines
    assert looking.verify() == {"n_files": 2}


def test_where_the_publisher_cannot_be_asked_it_says_so_and_goes_on(job, publisher):
    first = job().fetch()
    publisher.close()
    looking = job()
    assert looking.fetch() == first
    told = [text for level, text in looking.lines if level == "warning"]
    assert len(told) == 2
    assert all("could not be asked for a new release" in text for text in told)


def test_a_running_job_goes_on_with_what_it_fetched(job, publisher, cache):
    running = job()
    running.fetch()
    publisher.files[f"/{KEY}"].publish(SECOND)
    assert job(name="other").fetch()[KEY] == sha256_of(SECOND)
    assert (cache / "tiny" / "expression.csv").read_bytes() == SECOND
    running.verify()
    running.restarted()
    assert running.read() == FIRST
    running.restarted()
    assert running.fetch()[KEY] == sha256_of(SECOND)
    assert running.read() == SECOND


@pytest.fixture
def no_links(monkeypatch):
    """The cache is on another disk than the jobs."""

    def no_link(source, target):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", no_link)


def renew(publisher):
    publisher.files[f"/{KEY}"].publish(SECOND)
    refresh_cohort(FileSource(FileSettings.from_environment()), COHORT)


@pytest.mark.usefixtures("no_links")
def test_on_another_disk_a_file_is_held_by_a_copy(job, publisher):
    running = job()
    running.fetch()
    renew(publisher)
    running.verify()
    running.restarted()
    assert running.read() == FIRST


@pytest.mark.usefixtures("no_links")
def test_where_a_file_cannot_be_held_a_change_ends_the_job(job, publisher, monkeypatch):
    def no_room(source, target):
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    running = job()
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", no_room)
        running.fetch()
    running.verify()
    renew(publisher)
    with pytest.raises(ChecksumError, match="has changed since it was fetched"):
        running.verify()
    running.restarted()
    with pytest.raises(ChecksumError, match="has changed since it was fetched"):
        running.read()


def test_a_job_that_goes_on_elsewhere_takes_no_other_release(job, publisher):
    running = job()
    running.fetch()
    shutil.rmtree(running.folder / "files")
    (running.folder / "files.json").unlink()
    running.restarted()
    running.data.files.expected = {name: sha256 for name, _, sha256 in running.found["files"]}
    assert running.read() == FIRST  # the cache holds the same
    renew(publisher)
    with pytest.raises(ChecksumError, match="expression has changed since it was fetched"):
        running.read()


def test_without_a_folder_nothing_is_held(cache, publisher):
    files = JobFiles(FileSettings.from_environment())
    files.hold([])
    files.let_go()
    assert files.held_path(KEY) is None
    assert files.fetch(files.catalogue.file(KEY)).path == cache / "tiny" / "expression.csv"
    publisher.close()
    (cache / "tiny" / "expression.csv").unlink()
    with pytest.raises(DownloadError):
        files.fetch(files.catalogue.file(KEY))


def test_what_was_held_is_gone_with_the_folder_of_the_job(job, tmp_path):
    running = job()
    running.fetch()
    held = running.data.files.held_path(KEY)
    assert held is not None
    assert held.is_relative_to(tmp_path / "job")
    assert held.name == Path("expression.csv").name
