"""Figures that are had for all drugs of a cohort at once, beside the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.evidence.claim_agreement import ClaimAgreement, claim_agreements
from training.evidence.control_gains import ControlGains, measure_control_gains
from training.evidence.controls import ControlData, ControlSettings, Scored
from training.evidence.domain import DomainCalibration, calibrate_domain
from training.evidence.figures import NotEstimable, figure_json
from training.evidence.label_robustness import LabelRobustness
from training.evidence.leave_lineage_out import LineageOut, leave_lineages_out
from training.evidence.lineage_leak import LineageLeak, probe_lineage_leak
from training.evidence.other_cohorts import OtherCohort, OtherCohorts, ask_cohort
from training.evidence.random_sets import TooFewGenesError
from training.evidence.second_labels import judge_second_labels
from training.evidence.stability import AttributionStability, measure_stability


@dataclass(frozen=True, slots=True)
class CohortWide:
    """What all drugs share, and what is cheap because they share it.

    Attributes
    ----------
    drugs
        The order of the figures in `control_gains`.
    control_gains
        Fixed controls with intervals, and gains over them.
    lineage_out, stability, label_robustness
        By drug: roc_auc on lineages that were left out, agreement of attribution rankings, and
        roc_auc under a second way of making labels.
    n_measured, n_lines
        Lines on which each drug was measured, of how many in the cohort.
    lineage_leak
        How well the features tell lineages apart, against random panels.
    domain
        How unlike the cohort its own held-out patients and lineages look.
    claims
        By drug: what the literature's claims about it come to here; None where nobody asked.
    others
        Other cohorts, by name: roc_auc on lines that this one lacks, or why nothing was run.
    """

    drugs: tuple[str, ...]
    control_gains: ControlGains
    lineage_out: dict[str, LineageOut]
    stability: dict[str, AttributionStability]
    label_robustness: dict[str, LabelRobustness]
    n_measured: dict[str, int]
    n_lines: int
    lineage_leak: LineageLeak
    domain: DomainCalibration
    claims: dict[str, ClaimAgreement] | None = None
    others: Mapping[str, OtherCohort | str] = field(default_factory=dict)

    def card_of(self, drug: str) -> dict[str, Any]:
        """Give the figures of one drug's card."""
        at = self.drugs.index(drug)
        found = {
            "n_cohort_lines": self.n_lines,
            "measured_fraction": self.n_measured[drug] / self.n_lines,
            "controls": _json_at(self.control_gains.roc_auc, at),
            "gains": _json_at(self.control_gains.gain, at),
            "leave_lineage_out": self.lineage_out[drug].to_json(),
            "label_robustness": self.label_robustness[drug].to_json(),
            "attribution_stability": self.stability[drug].to_json(),
            **self.about_cohort(),
            "external": {
                name: other if isinstance(other, str) else other.of_drug(drug)
                for name, other in self.others.items()
            },
        }
        return found | ({} if self.claims is None else {"claims": self.claims[drug].to_json()})

    def about_cohort(self) -> dict[str, Any]:
        """Give the figures that no drug owns."""
        return {"lineage_leak": self.lineage_leak.to_json(), "domain": self.domain.to_json()}


def measure_cohort(
    data: ControlData,
    settings: ControlSettings,
    *,
    cohort: Cohort | None = None,
    gene_sets: GeneSetCollection | None = None,
    others: OtherCohorts | None = None,
    scored: Sequence[Scored] = (),
) -> CohortWide:
    """Measure all of them, on the data and folds of the controls (seconds, not minutes).

    Stability and leak are figures beside random panels: without genes to draw those from, they
    are not estimable.

    Parameters
    ----------
    cohort, gene_sets
        Where `data` came from, to test the literature's claims on it.
    others
        Cohorts to ask about lines that this one does not hold.
    scored
        `Controls.fixed_scores` of the same data; scored anew where it is not given.
    """
    gains = measure_control_gains(data, settings, scored=scored)
    measured = np.isfinite(data.response).sum(axis=0).tolist()
    stability, lineage_leak = _beside_random_panels(data, settings)
    return CohortWide(
        drugs=data.drugs,
        control_gains=gains,
        lineage_out=leave_lineages_out(data, settings),
        stability=stability,
        label_robustness=judge_second_labels(data, gains.panel_scores, settings),
        n_measured=dict(zip(data.drugs, measured, strict=True)),
        n_lines=len(data.groups),
        lineage_leak=lineage_leak,
        domain=calibrate_domain(data, settings),
        claims=None
        if cohort is None or gene_sets is None
        else claim_agreements(cohort, gene_sets, data.drugs, n_jobs=settings.n_jobs),
        others={}
        if others is None or gene_sets is None
        else _others(data, settings, gene_sets, others),
    )


def _others(
    data: ControlData,
    settings: ControlSettings,
    gene_sets: GeneSetCollection,
    others: OtherCohorts,
) -> dict[str, OtherCohort | str]:
    asked = {one.name: ask_cohort(data, settings, gene_sets, one) for one in others.cohorts}
    return {**asked, **others.not_run}


def _beside_random_panels(
    data: ControlData, settings: ControlSettings
) -> tuple[dict[str, AttributionStability], LineageLeak]:
    try:
        return measure_stability(data, settings), probe_lineage_leak(data, settings)
    except TooFewGenesError as error:
        nothing = NotEstimable(error.found)
        unstable = AttributionStability(nothing, nothing, nothing, nothing, nothing)
        leak = LineageLeak(nothing, nothing, nothing, nothing, nothing, ())
        return dict.fromkeys(data.drugs, unstable), leak


def _json_at(figures: Mapping[str, Sequence[Any]], at: int) -> dict[str, Any]:
    return {name: figure_json(by_drug[at]) for name, by_drug in figures.items()}
