"""The durable workflow of a job: its steps in order, each a checkpoint.

Changing which steps there are, here or in `training.jobs.gate_rounds`, or their order, needs
another `models.jobs.durable.WORKFLOW_SHAPE`: DBOS holds a job that goes on to the checkpoints that
it made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from models.jobs.running import RunningJob
from training.jobs.attempt import Attempt
from training.jobs.gate_rounds import GateRounds
from training.jobs.outside import Outside, Registered
from training.jobs.steps import Checkpoint, Result, Steps

DRILL_SAID = "a fire drill: the review desk does not get its findings"


class JobWorkflow:
    """The way of one job.

    Parameters
    ----------
    attempt
        Does the steps.
    outside
        Review desk and audit trail.
    checkpoint
        Does a step, or gives its result where it was done before.
    """

    def __init__(self, attempt: Attempt, outside: Outside, checkpoint: Checkpoint) -> None:
        self._attempt = attempt
        self._outside = outside
        self._steps = Steps(attempt, checkpoint)
        self._spec = attempt.job.spec

    def run(self, submitted_by: str) -> str:
        """Go all the way; give the outcome."""
        if self._spec.kind == "promote":
            found = self._steps.order("fetch", "find", {})
            return self._through_the_gate(found, submitted_by)
        files = self._steps.order("fetch", "fetch", {})
        self._attempt.add_to_orders(files=files["files"])
        self._steps.order("verify", "verify", files)
        joined = self._steps.order("join", "join", {}, end=0.9)
        if not (self._spec.force or self._spec.drill):
            asked = {"question": joined["question"]}
            known = self._steps.order("join", "news", asked, name="join: news", begin=0.9)
            if known["version"] is not None:
                return self._nothing_new(known)
        self._train(joined["drugs"])
        self._steps.order("evidence", "evidence", joined)
        self._steps.order("report", "report", joined)
        registered = self._steps.order("register", "register", joined)
        self._note_version(registered)
        cohort = str(self._spec.cohort)
        return self._through_the_gate(registered | {"cohort": cohort}, submitted_by)

    def _train(self, drugs: list[str]) -> None:
        size = self._spec.batch_drugs
        n_batches = math.ceil(len(drugs) / size)
        for number in range(n_batches):
            batch = drugs[number * size : (number + 1) * size]
            self._steps.order(
                "train",
                "train",
                {"drugs": batch},
                name=f"train {number + 1} of {n_batches}",
                begin=number / n_batches,
                end=(number + 1) / n_batches,
            )

    def _through_the_gate(self, found: Mapping[str, Any], submitted_by: str) -> str:
        version = self._registered(found, submitted_by)
        if self._spec.kind == "retrain":
            self._steps.outside("register: outside", lambda: self._tell_registered(version))
        self._steps.order("shadow", "shadow", {"version": version.version})
        if self._spec.promote == "never" and self._spec.kind == "retrain":
            return "registered"
        return GateRounds(self._attempt, self._steps, self._outside, version).run()

    def _nothing_new(self, known: Mapping[str, Any]) -> str:
        aliases = f" ({', '.join(known['aliases'])})" if known["aliases"] else ""
        text = f"nothing is new: version {known['version']}{aliases} was made from the same"
        self._attempt.write(lambda job: job.say(f"{text} data, gene sets, code and settings"))
        self._attempt.write(lambda job: job.note(version=known["version"], run_id=known["run_id"]))
        return "nothing_new"

    def _note_version(self, found: Mapping[str, Any]) -> None:
        def note(job: RunningJob) -> None:
            job.note(
                {"bundle_sha256": found["bundle_sha256"]},
                run_id=found["run_id"],
                experiment_id=found["experiment_id"],
                version=found["version"],
            )

        self._attempt.write(note)

    def _registered(self, found: Mapping[str, Any], submitted_by: str) -> Registered:
        if self._spec.kind == "promote":
            self._note_version(found)
        return Registered(
            job_id=self._attempt.job.job_id,
            submitted_by=submitted_by,
            version=found["version"],
            bundle_sha256=found["bundle_sha256"],
            cohort=found["cohort"],
        )

    def _tell_registered(self, version: Registered) -> Result:
        """Tell the service of a version; what chance has found in a drill is nobody's to judge."""
        if self._spec.drill is not None:
            said: str | None = DRILL_SAID
        else:
            said = self._outside.registered(version, check=self._attempt.check)
        if said:
            self._attempt.write(lambda job: job.say(said))
        return {"said": said}
