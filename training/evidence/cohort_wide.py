"""Figures that are had for all drugs of a cohort at once, beside the controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.evidence.controls import ControlData, ControlSettings
from training.evidence.domain import DomainCalibration, calibrate_domain
from training.evidence.figures import NotEstimable
from training.evidence.leave_lineage_out import LineageOut, leave_lineages_out
from training.evidence.lineage_leak import LineageLeak, probe_lineage_leak
from training.evidence.random_sets import TooFewGenesError
from training.evidence.stability import AttributionStability, measure_stability


@dataclass(frozen=True, slots=True)
class CohortWide:
    """What all drugs share, and what is cheap because they share it.

    Attributes
    ----------
    lineage_out, stability
        By drug: roc_auc on lineages that were left out, and agreement of attribution rankings.
    lineage_leak
        How well the features tell lineages apart, against random panels.
    domain
        How unlike the cohort its own held-out patients and lineages look.
    """

    lineage_out: dict[str, LineageOut]
    stability: dict[str, AttributionStability]
    lineage_leak: LineageLeak
    domain: DomainCalibration

    def card_of(self, drug: str) -> dict[str, Any]:
        """Give the figures of one drug's card."""
        return {
            "leave_lineage_out": self.lineage_out[drug].to_json(),
            "attribution_stability": self.stability[drug].to_json(),
        }

    def about_cohort(self) -> dict[str, Any]:
        """Give the figures that no drug owns."""
        return {"lineage_leak": self.lineage_leak.to_json(), "domain": self.domain.to_json()}


def measure_cohort(data: ControlData, settings: ControlSettings) -> CohortWide:
    """Measure all of them, on the data and folds of the controls (seconds, not minutes).

    Stability and leak are figures beside random panels: without genes to draw those from, they
    are not estimable.
    """
    try:
        stability = measure_stability(data, settings)
        lineage_leak = probe_lineage_leak(data, settings)
    except TooFewGenesError as error:
        nothing = NotEstimable(error.found)
        unstable = AttributionStability(nothing, nothing, nothing, nothing)
        stability = dict.fromkeys(data.drugs, unstable)
        lineage_leak = LineageLeak(nothing, nothing, nothing, nothing, nothing, ())
    return CohortWide(
        lineage_out=leave_lineages_out(data, settings),
        stability=stability,
        lineage_leak=lineage_leak,
        domain=calibrate_domain(data, settings),
    )
