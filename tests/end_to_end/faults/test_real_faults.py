"""Real jobs whose worker dies, or that have no room to write; they end well after it."""

import random
from pathlib import Path

import pytest

from models.bundle_files import write_bundle
from models.jobs.spec import JobSpec
from tests.end_to_end.faults import soaked
from tests.end_to_end.faults.bench import SMALL
from tests.end_to_end.faults.kills import kill_often
from tests.end_to_end.running_service import load_make_bundle
from tests.training.jobs.acting import until

FAULTY = str(Path(__file__).with_name("faulty_worker.py"))
ONE_DRUG = JobSpec.from_json(SMALL.to_json() | {"drugs": ["Cisplatin"]})


@pytest.fixture
def champion(tmp_path):
    """Give a store a champion."""

    def give(store):
        folder = tmp_path / "made-up"
        write_bundle(load_make_bundle()(), folder)
        version = store.register(folder)
        store.promote(version)
        return version

    return give


def test_workers_killed_at_random_moments_of_real_jobs_leave_one_whole_version_each(make_bench):
    rng = random.Random(1)  # noqa: S311 - moments, no secrets
    kills = kill_often(make_bench(heartbeat_seconds=3), 2, rng, tell=print)
    assert (kills.breaks, kills.n_finished) == ([], 2)


def test_while_mlflow_is_away_a_job_waits_with_that_reason_and_goes_on_after_it(make_bench):
    told = []
    assert soaked.mlflow_away(make_bench(), told.append) == []
    assert told[0].startswith("waits with the reason: register: MLflow at ")


def test_killed_between_registration_and_alias_the_old_champion_serves_and_the_job_finishes(
    make_bench, champion, tmp_path
):
    held = tmp_path / "held"
    held.mkdir()
    (held / "hold").touch()
    bench = make_bench(program=(FAULTY, "--held", str(held)))
    old = champion(bench.store)
    bench.start()
    job_id = bench.submit(ONE_DRUG)
    until((held / "reached").exists, "the version is about to get its alias")
    bench.workers["one"].kill()
    (held / "hold").unlink()
    (version,) = bench.versions_of(job_id)
    assert version.aliases == ()
    assert bench.store.load().version == old
    bench.start()
    job = bench.ended(job_id)
    assert job.outcome in ("promoted", "refused"), job.reason
    assert [one.version for one in bench.versions_of(job_id)] == [version.version]
    (standing,) = bench.versions_of(job_id)
    assert standing.aliases == (("champion",) if job.outcome == "promoted" else ("challenger",))
    assert bench.trained_again(job_id) == 0


def test_a_job_that_may_write_no_more_fails_with_that_reason_and_goes_on_with_room(make_bench):
    bench = make_bench(program=(FAULTY, "--file-bytes", "100000"))
    bench.start()
    job_id = bench.submit(ONE_DRUG)
    job = bench.ended(job_id)
    assert job.state == "failed"
    assert job.reason.startswith("a file has reached the size that the system allows")
    assert bench.versions_of(job_id) == []
    bench.workers["one"].kill()
    bench.start(program=(FAULTY,))
    bench.board.resume(job_id, by="ada")
    assert bench.ended(job_id).outcome in ("promoted", "refused")
    assert len(bench.versions_of(job_id)) == 1
