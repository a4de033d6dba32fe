"""Jobs that another release submitted, with fields that this one does not know."""

import pytest
from sqlalchemy import update

from models.jobs.database import writing
from models.jobs.durable import DurableQueue
from models.jobs.errors import WrongState
from models.jobs.mending import mend_queue
from models.jobs.running import NotOursError, claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs

SPEC = JobSpec(kind="retrain", cohort="gdsc", drugs=("Cisplatin", "Olaparib"), n_folds=3)


def stored_as(board, **changes):
    """A job whose stored fields another release wrote."""
    job_id = board.submit(SPEC, submitted_by="ada").job.job_id
    with writing(board.engine) as connection:
        stored = {**SPEC.to_json(), **changes}
        connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(spec=stored))
    return job_id


@pytest.mark.parametrize(
    "spec", [SPEC, JobSpec(kind="promote", bundle="3"), JobSpec(kind="retrain", cohort="a")]
)
def test_what_this_release_stored_is_shown_as_it_was_asked_for(spec):
    assert JobSpec.from_stored(spec.to_json()) == spec == JobSpec.from_json(spec.to_json())


def test_a_job_with_a_field_of_another_release_is_listed_with_the_others(board):
    first = board.submit(SPEC, submitted_by="ada").job
    odd = stored_as(board, n_gpus=[1, 2], seed=-5)
    listed = board.list().jobs
    assert [job.job_id for job in listed] == [odd, first.job_id]
    assert listed[0].spec.to_json() == {**SPEC.to_json(), "seed": -5}
    assert board.get(odd) == listed[0]


def test_it_is_taken_up_once_and_ends_with_the_reason(board):
    odd = stored_as(board, n_gpus=2)
    with pytest.raises(NotOursError, match="failed"):
        claim_job(board.engine, odd, "w")
    job = board.get(odd)
    assert (job.state, job.reason) == (
        "failed",
        "submitted by a release with other fields: The field n_gpus of the job is unknown.",
    )
    assert job.ended_at is not None
    assert board.log(odd)[-1].text == f"failed: {job.reason}"
    assert mend_queue(board.engine, DurableQueue(board.engine)) == []  # over, so nothing to mend
    with pytest.raises(NotOursError, match="failed"):
        claim_job(board.engine, odd, "w")


def test_it_is_not_made_again_without_what_is_not_known(board):
    odd = stored_as(board, n_gpus=2)
    board.cancel(odd, by="ada")
    with pytest.raises(WrongState, match="n_gpus") as refused:
        board.retry(odd, by="ada")
    assert "submit a new job" in refused.value.remedy
    assert len(board.list().jobs) == 1
