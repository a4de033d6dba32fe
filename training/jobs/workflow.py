"""The durable workflow of a job: its steps in order, each a checkpoint.

Changing which steps there are, or their order, needs another `models.jobs.durable.WORKFLOW_SHAPE`:
DBOS holds a job that goes on to the checkpoints that it made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from models.jobs.running import RunningJob
from training.jobs.attempt import Attempt
from training.jobs.outside import Outside, Registered

Result = dict[str, Any]
Checkpoint = Callable[[str, Callable[[], Result]], Result]


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
        self._checkpoint = checkpoint
        self._spec = attempt.job.spec

    def run(self, submitted_by: str) -> str:
        """Go all the way; give the outcome."""
        if self._spec.kind == "promote":
            found = self._step("fetch", "find", {})
            return self._through_the_gate(found, submitted_by)
        files = self._step("fetch", "fetch", {})
        self._step("verify", "verify", files)
        joined = self._step("join", "join", {}, end=0.9)
        if not (self._spec.force or self._spec.drill):
            asked = {"question": joined["question"]}
            known = self._step("join", "news", asked, name="join: news", begin=0.9)
            if known["version"] is not None:
                return self._nothing_new(known)
        self._train(joined["drugs"])
        self._step("evidence", "evidence", joined)
        self._step("report", "report", joined)
        registered = self._step("register", "register", joined)
        self._note_version(registered)
        cohort = str(self._spec.cohort)
        return self._through_the_gate(registered | {"cohort": cohort}, submitted_by)

    def _train(self, drugs: list[str]) -> None:
        size = self._spec.batch_drugs
        n_batches = math.ceil(len(drugs) / size)
        for number in range(n_batches):
            batch = drugs[number * size : (number + 1) * size]
            self._step(
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
            self._step_outside("register: outside", lambda: self._tell_registered(version))
        shown = {"version": version.version}
        self._step("shadow", "shadow", shown)
        if self._spec.promote == "never" and self._spec.kind == "retrain":
            return "registered"
        asked = self._step("gate", "policy", shown, name="gate: policy", end=0.1)
        told = self._step_outside("gate: review desk", lambda: self._ask_service(version, asked))
        decided = self._step("gate", "gate", shown | _service_says(told), begin=0.1)
        decision, reasons = decided["decision"], list(decided["reasons"])
        if decision["accepted"] and self._spec.drill:
            reasons = ["the gate let a fire drill pass: its policy must be mended"]
        self._attempt.write(lambda job: job.note(reasons=reasons))
        self._step_outside("gate: trail", lambda: self._tell_decided(version, decision))
        if reasons or not decision["accepted"]:
            return "refused"
        done = self._step("promote", "promote", shown | {"champion": decided["champion"]})
        if done["is_new"]:
            self._step_outside(
                "promote: trail", lambda: self._tell_promoted(version, done["before"])
            )
        return "promoted"

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
        said = self._outside.registered(version)
        if said:
            self._attempt.write(lambda job: job.say(said))
        return {"said": said}

    def _ask_service(self, version: Registered, asked: Mapping[str, Any]) -> Result:
        """Ask for what the policy wants to know of the service, and for nothing else."""
        missing: Sequence[str] | None = ()
        if asked["statuses"] or asked["judged_kinds"]:
            missing = self._outside.missing_sign_offs(version, asked)
        counted, champion = None, asked.get("shadow_of")
        if champion is not None:
            counted = self._outside.answers_in_shadow(version, champion)
        return {
            "missing": None if missing is None else list(missing),
            "shadow_of": champion,
            "shadow": None if counted is None else asdict(counted),
        }

    def _tell_decided(self, version: Registered, decision: Mapping[str, Any]) -> Result:
        self._outside.decided(version, decision)
        return {"told": True}

    def _tell_promoted(self, version: Registered, before: str | None) -> Result:
        self._outside.promoted(version, before)
        return {"told": True}

    def _step(
        self,
        step: str,
        order: str,
        given: Mapping[str, Any],
        *,
        name: str | None = None,
        begin: float = 0.0,
        end: float = 1.0,
    ) -> Result:
        done = self._checkpoint(
            name or step,
            lambda: self._attempt.order(order, given, step=step, begin=begin, end=end),
        )
        self._attempt.course.passed(step, end)
        figures = done.get("figures")
        if figures:
            self._attempt.write(lambda job: job.note(figures))
        return done

    def _step_outside(self, name: str, ask: Callable[[], Result]) -> Result:
        step = name.partition(":")[0]
        return self._checkpoint(name, lambda: self._attempt.waiting(ask, step=step))


def _service_says(told: Mapping[str, Any]) -> Result:
    """Give the gate what the service told; earlier releases asked nothing about the shadow."""
    return {
        "missing_sign_offs": told["missing"],
        "shadow_of": told.get("shadow_of"),
        "shadow": told.get("shadow"),
    }
