"""Both bundles asked about lines of another cohort, of patients from whom neither learned.

Lines of a patient who is among those of either bundle are left out: a line that two cohorts share
is never on both sides of a test. Cohorts that share a screen share its errors all the same, and
drugs that learn together have seen what the screen says of lines without expression; both hold for
challenger and champion alike, so that the difference is fair where the figure itself is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from features.errors import CupromarkError
from models.bundle import Bundle
from models.compiled import CompiledBundle
from training.cohort import Cohort
from training.drugs import drug_key
from training.errors import LabelError
from training.evidence.studies.paired_difference import FEWEST_OF_EACH
from training.labels import label_response
from training.metrics import BoolArray, FloatArray, IntArray

METHODS = ("tertile", "waterfall")


@dataclass(frozen=True, slots=True, eq=False)
class ExternalDrug:
    """Answers about the unseen lines on which one drug was measured.

    Attributes
    ----------
    patients
        (n_lines,).
    is_sensitive
        (n_lines,) labels, made over all measured lines of the cohort.
    challenger, champion
        (n_lines,) probability_sensitive.
    """

    patients: tuple[str, ...]
    is_sensitive: BoolArray
    challenger: FloatArray
    champion: FloatArray


@dataclass(frozen=True, slots=True)
class ExternalAnswers:
    """What challenger and champion say of another cohort.

    Attributes
    ----------
    n_unseen
        Lines of patients from whom neither learned.
    not_estimable
        Why nothing can be compared; None where something can.
    """

    cohort: str
    drugs: Mapping[str, ExternalDrug] = field(default_factory=dict)
    n_unseen: int = 0
    not_estimable: str | None = None


def ask_external(challenger: Bundle, champion: Bundle, cohort: Cohort) -> ExternalAnswers:
    """Ask both about the lines of a cohort that neither learned from."""
    groups = cohort.split_group.to_numpy(dtype=np.str_)
    unseen = ~np.isin(groups, sorted(_patients(challenger) | _patients(champion)))
    reason = _refusal(challenger, champion, cohort, unseen)
    if reason is not None:
        return ExternalAnswers(cohort.name, not_estimable=reason)
    columns = {drug_key(str(one)): str(one) for one in _response(cohort)}
    shared = [one for one in challenger.drugs if one in champion.drugs and drug_key(one) in columns]
    if not shared:
        return ExternalAnswers(cohort.name, not_estimable="it measures no drug that both answer")
    lines = np.flatnonzero(unseen)
    try:
        answers = [_probability(bundle, cohort, lines, shared) for bundle in (challenger, champion)]
    except CupromarkError as error:
        return ExternalAnswers(
            cohort.name, n_unseen=len(lines), not_estimable=error.found.split(";")[0]
        )
    named = {one: columns[drug_key(one)] for one in shared}
    drugs = dict(_measured(challenger, cohort, lines, named, answers))
    why = None if drugs else f"no shared drug has {FEWEST_OF_EACH} unseen lines of each class"
    return ExternalAnswers(cohort.name, drugs, len(lines), why)


def _measured(
    challenger: Bundle,
    cohort: Cohort,
    lines: IntArray,
    columns: Mapping[str, str],
    answers: Sequence[FloatArray],
) -> Iterator[tuple[str, ExternalDrug]]:
    """Drugs that were measured in enough of the lines; `columns` names them as the cohort does."""
    groups = cohort.split_group.to_numpy(dtype=np.str_)[lines]
    for at, (drug, column) in enumerate(columns.items()):
        labels = _labels(cohort, column, str(challenger.drugs[drug].label_card.get("method")))
        if labels is None:
            continue
        measured, is_sensitive = (one[lines] for one in labels)
        label = is_sensitive[measured]
        if min(int(label.sum()), int((~label).sum())) >= FEWEST_OF_EACH:
            patients = tuple(str(one) for one in groups[measured])
            yield drug, ExternalDrug(patients, label, *(one[measured, at] for one in answers))


def _patients(bundle: Bundle) -> set[str]:
    held_out = (model.held_out for model in bundle.drugs.values())
    return {patient for one in held_out if one is not None for patient in one.groups}


def _refusal(challenger: Bundle, champion: Bundle, cohort: Cohort, unseen: BoolArray) -> str | None:
    bundles = (challenger, champion)
    if cohort.name in {bundle.cohort for bundle in bundles}:
        return "it is the cohort that was learned from"
    if any(model.held_out is None for bundle in bundles for model in bundle.drugs.values()):
        return "a bundle does not say from which lines it learned (format 1)"
    samples = np.array(cohort.expression.samples, dtype=np.str_)
    known = (cohort.split_group.to_numpy(dtype=np.str_) != samples).any()
    if not known or not all(_knows_patients(bundle) for bundle in bundles):
        return "without the patients no line of one cohort can be found in another"
    if not unseen.any():
        return "every line is of a patient from whom one of the two learned"
    return None


def _knows_patients(bundle: Bundle) -> bool:
    held_out = (model.held_out for model in bundle.drugs.values())
    return any(one is not None and one.groups != one.samples for one in held_out)


def _response(cohort: Cohort) -> Sequence[object]:
    return [] if cohort.response is None else list(cohort.response.values.columns)


def _probability(
    bundle: Bundle, cohort: Cohort, lines: IntArray, drugs: Sequence[str]
) -> FloatArray:
    """(n_lines, n_drugs)."""
    values = cohort.expression.values.iloc[lines]
    lineage = cohort.lineage.iloc[lines].dropna()
    answers = CompiledBundle(bundle).predict(
        list(values.columns),
        values.to_numpy(dtype=np.float64),
        scale=cohort.expression.scale,
        drugs=drugs,
        lineage={str(sample): str(one) for sample, one in lineage.items()},
        sample_ids=[str(sample) for sample in values.index],
        source=cohort.name,
        is_log2=True,
    )
    return answers.probability_sensitive


def _labels(cohort: Cohort, drug: str, method: str) -> tuple[BoolArray, BoolArray] | None:
    """Measured lines of a cohort, and its sensitive ones; None where labels do not carry over."""
    if cohort.response is None or method not in METHODS:
        return None
    response = cohort.response.values[drug].to_numpy(dtype=np.float64)
    measured = np.isfinite(response)
    is_sensitive = np.zeros_like(measured)
    try:
        is_sensitive[measured], _ = label_response(
            response[measured],
            drug=drug,
            kind=cohort.response.kind,
            method="waterfall" if method == "waterfall" else "tertile",
        )
    except LabelError:
        return None
    return measured, is_sensitive
