"""A schedule that looks for new releases at a mirror reached over HTTP, with real files."""

import gzip
import time

import pytest

from models.jobs.schedules import ScheduleBook
from models.jobs.spec import JobSpec
from models.store import local_store

from tests.training.publishing import Publisher  # isort: skip

RESPONSE = "gdsc/GDSC2_fitted_dose_response_27Oct23.csv.gz"
FILES = (
    RESPONSE,
    "ccle/CCLE_Expression_Entrez_2012-09-29.gct",
    "depmap/Model.csv",
    "hgnc/hgnc_complete_set.txt.gz",
)
SPEC = JobSpec(
    kind="retrain",
    cohort="ccle-gdsc2",
    drugs=("Lapatinib",),
    n_folds=2,
    n_seeds=1,
    promote="never",
    reason="new release",
)
WEEK = 7 * 86_400


@pytest.fixture
def mirror(shared_data, monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "*")
    publisher = Publisher()
    publisher.contents = {path: (shared_data / path).read_bytes() for path in FILES}
    publisher.mirror(publisher.contents)
    monkeypatch.setenv("CUPROMARK_MIRROR", f"{publisher.address}/mirror")
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))
    yield publisher
    publisher.close()


@pytest.mark.slow
@pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)
def test_a_new_release_at_the_mirror_is_trained_on_and_nothing_else(
    mirror, board, start_worker, ended, tmp_path
):
    start_worker(acted=False, processes=1)
    now = [time.time()]
    book = ScheduleBook(board, clock=lambda: now[0])
    book.add("weekly", "0 3 * * 1", SPEC, by="ada")

    def fall_due():
        now[0] += WEEK
        (submitted,) = book.submit_due()
        job = ended(submitted.job.job_id)
        lines = [line.text for line in board.log(job.job_id)]
        return job, [line for line in lines if "release" in line]

    first, _ = fall_due()
    assert (first.state, first.outcome) == ("succeeded", "registered")

    again, told = fall_due()
    assert (again.state, again.outcome) == ("succeeded", "nothing_new")
    assert told == []

    lines = gzip.decompress(mirror.contents[RESPONSE]).splitlines(keepends=True)
    mirror.mirror(mirror.contents | {RESPONSE: gzip.compress(b"".join(lines[:-20_000]))})
    released, told = fall_due()
    assert (released.state, released.outcome) == ("succeeded", "registered")
    assert told == ["gdsc2_response: a new release was fetched"]
    assert len(local_store(tmp_path / "var").list()) == 2

    mirror.close()
    away, told = fall_due()
    assert (away.state, away.outcome) == ("succeeded", "nothing_new")
    assert len(told) == len(FILES)
    assert all("could not be asked" in line for line in told)
