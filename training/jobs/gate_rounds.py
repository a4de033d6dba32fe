"""A registered version before the gate, and again where another champion comes in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from models.jobs.spec import DRILL_WENT_THROUGH
from training.jobs.attempt import Attempt
from training.jobs.errors import StepFailedError
from training.jobs.outside import Outside, Registered
from training.jobs.steps import Result, Steps

MOST_ROUNDS = 5


class GateRounds:
    """The way of a version through the gate to the place of the champion.

    Parameters
    ----------
    attempt, steps
        Of the job.
    outside
        Review desk and audit trail.
    version
        That is to become champion; it was compared with the champion (`shadow`) already.
    """

    def __init__(
        self, attempt: Attempt, steps: Steps, outside: Outside, version: Registered
    ) -> None:
        self._attempt = attempt
        self._steps = steps
        self._outside = outside
        self._version = version
        self._shown = {"version": version.version}
        self._n_begun_here = 1

    def run(self) -> str:
        """Give `promoted` or `refused`; StepFailedError where others promote all the time."""
        number = 1
        while (outcome := self._outcome_of(number)) is None:
            number += 1
            self._begin(number)
        return outcome

    def _outcome_of(self, number: int) -> str | None:
        """Go through the gate once; None where another champion came before the promotion."""
        decided, approvals = self._decided(number)
        if approvals is None:
            return "refused"
        given = self._shown | {"champion": decided["champion"], "approvals": approvals}
        done = self._steps.order("promote", "promote", given, name=_in_round("promote", number))
        if done.get("is_overtaken", False):  # earlier releases failed here instead
            return None
        if done["is_new"]:
            before = done["before"]
            self._steps.outside(
                _in_round("promote: trail", number), lambda: self._tell_promoted(before)
            )
        return "promoted"

    def _decided(self, number: int) -> tuple[Result, Mapping[str, str] | None]:
        """Have the gate decide; approvals are None where the version is not to be promoted."""
        steps, is_drill = self._steps, self._attempt.job.spec.drill is not None
        asked = steps.order(
            "gate", "policy", self._shown, name=_in_round("gate: policy", number), end=0.1
        )
        told = steps.outside(
            _in_round("gate: review desk", number), lambda: self._ask_service(asked)
        )
        given = self._shown | _service_says(told)
        decided = steps.order("gate", "gate", given, name=_in_round("gate", number), begin=0.1)
        decision, reasons = decided["decision"], list(decided["reasons"])
        if is_drill and _lets_pass(decision):
            reasons = [DRILL_WENT_THROUGH]
        self._attempt.write(lambda job: job.note(reasons=reasons))
        written = steps.outside(
            _in_round("gate: trail", number), lambda: self._tell_decided(decision, asked["people"])
        )
        if reasons or not decision["accepted"]:
            return decided, None
        return decided, written.get("approvals", {})  # earlier releases left them out

    def _begin(self, number: int) -> None:
        """Go before the gate again, against the champion of now; not for ever.

        Only rounds that this attempt has begun itself count, so that a job which failed here goes
        on when someone resumes it.
        """

        def begin() -> Result:
            if self._n_begun_here == MOST_ROUNDS:
                raise StepFailedError(
                    "promote",
                    f"another version became champion {MOST_ROUNDS} times between the decision of "
                    "the gate and the promotion: resume the job when nobody else promotes",
                )
            self._n_begun_here += 1
            said = f"another version became champion meanwhile: round {number} at the gate"
            self._attempt.write(lambda job: job.say(said))
            return {"round": number}

        self._steps.checkpoint(f"gate: round {number}", begin)
        self._steps.order("shadow", "shadow", self._shown, name=_in_round("shadow", number))

    def _ask_service(self, asked: Mapping[str, Any]) -> Result:
        """Ask for what the policy wants to know of the service, and for nothing else."""
        missing: Sequence[str] | None = ()
        if asked["statuses"] or asked["judged_kinds"]:
            missing = self._outside.missing_sign_offs(self._version, asked)
        counted, champion = None, asked.get("shadow_of")
        if champion is not None:
            counted = self._outside.answers_in_shadow(self._version, champion)
        return {
            "missing": None if missing is None else list(missing),
            "shadow_of": champion,
            "shadow": None if counted is None else asdict(counted),
        }

    def _tell_decided(self, decision: Mapping[str, Any], people: int) -> Result:
        """Write the decision, after asking for what goes with a promotion: it may be away."""
        approvals: Mapping[str, str] = {}
        if decision["accepted"]:
            approvals = self._outside.approvals(self._version, people)
        self._outside.decided(self._version, decision)
        return {"told": True, "approvals": dict(approvals)}

    def _tell_promoted(self, before: str | None) -> Result:
        self._outside.promoted(self._version, before)
        return {"told": True}


def _in_round(name: str, number: int) -> str:
    """Name a checkpoint of a round; those of the first are named as if there were no other."""
    return name if number == 1 else f"{name} {number}"


def _lets_pass(decision: Mapping[str, Any]) -> bool:
    """Whether nothing stands in the way of a fire drill but that it is one."""
    return bool(decision["accepted"]) or decision.get("blocking") == ["drill"]


def _service_says(told: Mapping[str, Any]) -> Result:
    """Give the gate what the service told; earlier releases asked nothing about the shadow."""
    return {
        "missing_sign_offs": told["missing"],
        "shadow_of": told.get("shadow_of"),
        "shadow": told.get("shadow"),
    }
