"""A real training as a job: killed on the way, it comes to the bundle of `cupromark train`."""

from collections import Counter

import pytest
from sqlalchemy import text

from features.gene_sets import load_gene_sets
from models.bundle_files import verify_bundle
from models.jobs.database import reading
from models.jobs.spec import JobSpec
from models.store import CHALLENGER, local_store
from training.jobs.question import settings_of
from training.registration import train_and_register
from training.simulated import simulate_cohort

from tests.training.jobs.acting import until  # isort: skip

SPEC = JobSpec(
    kind="retrain",
    cohort="simulated",
    drugs=("Cisplatin", "Venetoclax"),
    n_folds=2,
    n_seeds=1,
    batch_drugs=1,
    random_sets=5,
    promote="never",
)


BATCHES = {"Cisplatin": "train 1 of 2", "Venetoclax": "train 2 of 2"}


def checkpoints_of(board, job_id):
    """Names of the steps that are not done again, whoever goes on."""
    query = text("SELECT function_name FROM operation_outputs WHERE workflow_uuid = :job_id")
    with reading(board.engine) as connection:
        return set(connection.execute(query, {"job_id": job_id}).scalars())


@pytest.mark.slow
@pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)
def test_a_killed_training_comes_to_the_same_bundle(
    start_worker, submit, ended, board, jobs_address, tmp_path
):
    worker = start_worker(acted=False, processes=1)
    job_id = submit(SPEC)

    def trained():
        lines = [line.text for line in board.log(job_id) if line.text.startswith("trained")]
        return [line.split()[1].rstrip(":") for line in lines]

    def kept():
        return [drug for drug, name in BATCHES.items() if name in checkpoints_of(board, job_id)]

    until(lambda: "Cisplatin" in kept(), "the first batch has its checkpoint")
    worker.kill()
    told, again = Counter(trained()), Counter(SPEC.drugs) - Counter(kept())
    assert told["Cisplatin"] == 1
    start_worker(acted=False, processes=1)
    job = ended(job_id)
    assert (job.state, job.outcome, job.attempt) == ("succeeded", "registered", 2)
    assert Counter(trained()) == told + again  # nothing that had its checkpoint was repeated

    store = local_store(tmp_path / "direct")
    _, version = train_and_register(
        simulate_cohort(0), load_gene_sets(), settings_of(SPEC, 1), store
    )
    direct = verify_bundle(store.fetch(version)).sha256
    assert job.figures["bundle_sha256"] == direct
    own = local_store(tmp_path / "var")
    (registered,) = own.list()
    assert (registered.sha256, registered.tags["job"]) == (direct, job_id)
    assert CHALLENGER in registered.aliases
    assert not (tmp_path / "state" / "jobs" / job_id).exists()

    again = ended(submit(SPEC))
    assert (again.outcome, again.version) == ("nothing_new", registered.version)
    assert len(own.list()) == 1
