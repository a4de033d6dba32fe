"""Drift as a whole: started with the service, stored at its end, and its jobs on the real board."""

import asyncio
import time

from models.jobs.spec import JobSpec
from serving.access.opening import open_access
from serving.app import create_app
from serving.drift.opening import submitting
from serving.drift.store import list_bundles, read_counts
from serving.drift.watch import retraining, submission_key
from serving.jobs.opening import open_jobs
from serving.settings import ServingSettings
from serving.uploads.readers import open_uploads


def test_the_job_that_drift_asks_for_is_on_the_board_once(tmp_path, clock, now):
    settings = ServingSettings(state=tmp_path / "serving")
    jobs = open_jobs(settings, clock=clock, monotonic=time.monotonic)
    try:
        submit, key = submitting(jobs), submission_key("ab" * 32, now.date())
        job_id = submit(retraining("ccle-gdsc2"), key)
        assert submit(retraining("ccle-gdsc2"), key) == job_id
        job = jobs.ask(lambda board: board.get(job_id))
        assert job.spec == JobSpec(kind="retrain", cohort="ccle-gdsc2", reason="drift")
        assert job.submitted_by == "drift"
        assert len(jobs.ask(lambda board: board.list()).jobs) == 1
    finally:
        jobs.close()


def test_a_service_that_ends_has_stored_what_it_counted(
    tmp_path, clock, made_up_source, answers_of, sqlite_database, now
):
    settings = ServingSettings(
        state=tmp_path, open_mode=True, drift_store_seconds=3_600, drift_check_seconds=3_600
    )
    access = open_access(settings, clock=clock, monotonic=time.monotonic)
    taken = []

    def keep(services):
        taken.append(services.drift)
        return {}

    app = create_app(
        settings,
        bundles=made_up_source,
        access=access,
        uploads=open_uploads(settings),
        clock=clock,
        thin_paths=(keep,),
    )

    async def live():
        async with app.router.lifespan_context(app):
            taken[0].record(answers_of(25), made_up_source.served, None)

    asyncio.run(live())
    (sha256,) = list_bundles(sqlite_database)
    assert sha256 == made_up_source.served.sha256
    (found,) = read_counts(sqlite_database, sha256, since=now.date(), until=now.date())
    assert (found.caller, found.counts.n_profiles) == ("open", 25)
