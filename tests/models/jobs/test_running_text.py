"""What a worker writes of a job is stored, whatever a broken child says."""

import math

import pytest

from models.jobs.errors import JobSpecError
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec

SPEC = JobSpec(kind="promote", bundle="challenger")
ODD, CLEAN = "a\x00b\udcffc", "ab?c"


@pytest.fixture
def job(board):
    job_id = board.submit(SPEC, submitted_by="ada").job.job_id
    return claim_job(board.engine, job_id, "w")


def test_no_letter_keeps_a_job_from_failing(board, job):
    job.fail(ODD)
    found = board.get(job.job_id)
    assert (found.state, found.reason) == ("failed", CLEAN)
    assert board.log(job.job_id)[-1].text == f"failed: {CLEAN}"


def test_reasons_and_lines_lose_what_no_database_takes(board, job):
    job.say(ODD)
    job.wait_for(ODD)
    job.note({"name": ODD}, reasons=[ODD])
    found = board.get(job.job_id)
    assert [line.text for line in board.log(job.job_id)][1:] == [CLEAN, f"waiting: {CLEAN}"]
    assert (found.reason, found.reasons, found.figures) == (CLEAN, (CLEAN,), {"name": CLEAN})


def test_the_same_odd_reason_is_said_once(board, job):
    for _ in range(2):
        job.wait_for(ODD)
    assert len(board.log(job.job_id)) == 2


@pytest.mark.parametrize("unknown", [math.nan, math.inf])
def test_a_figure_that_is_no_number_is_left_out(board, job, unknown):
    job.note({"mean_roc_auc": 0.7, "mean_lineage_roc_auc": unknown})
    assert board.get(job.job_id).figures == {"mean_roc_auc": 0.7}


@pytest.mark.parametrize("key", ["k" * 256, "k\x00", "", "k\udcff"])
def test_a_key_that_cannot_be_kept_is_refused(board, key):
    with pytest.raises(JobSpecError, match="idempotency_key"):
        board.submit(SPEC, submitted_by="ada", idempotency_key=key)
