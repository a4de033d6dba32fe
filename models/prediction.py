"""From profiles to answers: one row a sample and drug."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.alignment import AlignMethod, choose_alignment
from features.alignment import align as align_profiles
from features.coverage import GeneCoverage, cover
from features.expression import Expression
from features.lineage import LINEAGE_COLUMN
from features.symbols import SymbolTable
from models.bundle import Bundle
from models.conformal import CONFORMAL_SETS, LABELS, checked_level
from models.drug_choice import choose_drugs
from models.drug_model import DrugModel, score_drugs
from models.errors import PredictionError
from models.placement import place_profiles
from models.prediction_notes import (
    LINEAGE_NOT_USED,
    UNKNOWN_LINEAGE,
    Alignment,
    note_alignment,
    note_coverage,
    note_domain,
    note_lineage,
    note_opposite_labels,
    note_simulation,
    note_training_lines,
)
from models.profile_values import refuse_flat
from models.trained_names import renamed_as_trained


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Answers of a bundle.

    Attributes
    ----------
    table
        One row a sample and drug, samples first, drugs in the order of the bundle or of the
        question. Columns: sample_id, drug, probability_sensitive (0 to 1), label (sensitive,
        resistant, no call), status, gene_coverage (fraction of the gene panel),
        bundle_version, conformal_set (sensitive, resistant, both, none), alignment,
        lineage_used, n_genes_missing, cohort, simulated, bundle_sha256, domain_percentile (0,
        amid the training lines, to 100, farther off than any of them; NaN where the bundle does
        not know its training lines).
    notes
        Sentences on what was done to the profiles, and on what was left out.
    alignment
        How the profiles were brought to the scale of the training cohort.
    coverage
        Genes of the panel that were there, and those for which the training mean stands.
    features
        (n_samples, n_features) that were scored, in the order of the bundle's features.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    alignment: AlignMethod
    coverage: GeneCoverage
    features: NDArray[np.float64]


def predict(
    bundle: Bundle,
    expression: Expression,
    *,
    drugs: Sequence[str] | None = None,
    align: Alignment = "auto",
    level: float = 0.8,
    lineage: Mapping[str, str] | str | None = None,
) -> Predictions:
    """Answer how sensitive each sample is to each drug.

    Parameters
    ----------
    bundle
        What answers.
    expression
        Profiles, log2, with the scale that their file was declared in.
    drugs
        Names; None asks for every drug whose status is not withheld. A withheld drug is answered
        when it is asked for by name.
    align
        How to bring profiles of another platform to the training cohort's scale; "auto" does
        nothing on the same scale, and aligns quantiles otherwise.
    level
        Fraction of samples whose conformal set must hold their class, in each class.
    lineage
        Tissue of all samples, or of each by sample id; one that the bundle does not know, or that
        is not given, stands at the training mean, and the answer says so.

    Raises
    ------
    PredictionError
        No samples, an unknown drug, or a level outside 0 to 1.
    CoverageError
        The profiles hold too few genes of the panel.
    GeneIdError, CellError, ScaleError
        The expression cannot be used.
    """
    models, drug_notes = choose_drugs(bundle, drugs)
    _refuse_unusable(expression, level)
    reference = bundle.features.reference_
    method = choose_alignment(expression.scale, reference) if align == "auto" else align
    covered, coverage = _covered_profiles(bundle, expression.values, method)
    covered[LINEAGE_COLUMN] = _lineages(covered.index, lineage)
    lineage_used = _lineage_used(bundle, covered)
    matrix = bundle.features.transform(covered)
    scores = score_drugs(models, matrix)
    place = place_profiles(bundle, expression.samples, matrix)
    table = _table(bundle, models, expression.samples, scores, level)
    n_drugs = len(models)
    table["gene_coverage"] = coverage.fraction
    table["alignment"] = method
    table["lineage_used"] = np.repeat(lineage_used, n_drugs)
    table["n_genes_missing"] = len(coverage.missing)
    table["domain_percentile"] = np.repeat(place.percentile, n_drugs)
    unknown = [
        sample
        for sample, used in zip(expression.samples, lineage_used, strict=True)
        if used == UNKNOWN_LINEAGE
    ]
    notes = (
        note_alignment(
            method,
            asked=align != "auto",
            scale=expression.scale,
            bundle_scale=reference.expression_scale,
        ),
        *note_coverage(coverage),
        *note_lineage(
            unknown,
            len(expression.samples),
            given=_given_lineages(covered, unknown),
            known=bundle.features.lineages_,
        ),
        *note_domain(expression.samples, place.percentile),
        *note_training_lines(place.training_lines),
        *note_opposite_labels(table),
        *drug_notes,
        *note_simulation(bundle.simulated),
    )
    return Predictions(table, notes, method, coverage, matrix)


def _refuse_unusable(expression: Expression, level: float) -> None:
    checked_level(level)
    if not len(expression.values):
        raise PredictionError(
            f"{expression.source} holds no samples.",
            needed="at least one profile.",
            remedy="check the file.",
        )
    refuse_flat(expression.values.to_numpy(), expression.samples)


def _covered_profiles(
    bundle: Bundle, values: pd.DataFrame, method: AlignMethod
) -> tuple[pd.DataFrame, GeneCoverage]:
    """Give the features every gene they need, and tell how much of the panel was really there."""
    features = bundle.features
    reference = features.reference_
    panel, required = features.gene_panel_, features.required_genes_
    if not required:  # a bundle of covariates alone
        return pd.DataFrame(index=values.index), GeneCoverage((), (), 1.0)
    named_as_trained = _as_trained(values, reference.genes, bundle.symbols)
    aligned = align_profiles(named_as_trained, reference, method=method)
    profiles, coverage = cover(aligned, reference, panel, minimum=bundle.minimum_gene_coverage)
    if len(required) > len(panel):  # markers of proliferation, or the whole universe
        profiles, _ = cover(aligned, reference, required, minimum=0.0)
    return profiles, coverage


def _as_trained(
    values: pd.DataFrame, universe: tuple[str, ...], symbols: SymbolTable
) -> pd.DataFrame:
    """Rename genes that the reader's table left under a name that the bundle knows otherwise."""
    renamed = renamed_as_trained(list(values.columns), universe, symbols)
    return values.rename(columns=renamed) if renamed else values


def _lineages(samples: pd.Index[str], lineage: Mapping[str, str] | str | None) -> list[str | None]:
    if lineage is None or isinstance(lineage, str):
        return [lineage] * len(samples)
    return [lineage.get(str(sample)) for sample in samples]


def _given_lineages(profiles: pd.DataFrame, samples: Sequence[str]) -> list[str]:
    given = profiles[LINEAGE_COLUMN].loc[list(samples)].dropna()
    return sorted({str(lineage) for lineage in given})


def _lineage_used(bundle: Bundle, profiles: pd.DataFrame) -> NDArray[np.object_]:
    if not bundle.features.lineages_:
        return np.full(len(profiles), LINEAGE_NOT_USED, dtype=object)
    used = profiles[LINEAGE_COLUMN].to_numpy(dtype=object, copy=True)
    unknown = frozenset(bundle.features.unknown_lineages(profiles))
    used[[str(sample) in unknown for sample in profiles.index]] = UNKNOWN_LINEAGE
    return used


def _table(
    bundle: Bundle,
    models: list[DrugModel],
    samples: list[str],
    scores: NDArray[np.float64],
    level: float,
) -> pd.DataFrame:
    probability = np.empty_like(scores)
    codes = np.empty(scores.shape, dtype=np.int8)
    for at, model in enumerate(models):
        probability[:, at] = model.calibration.probability(scores[:, at])
        codes[:, at] = model.conformal.set_codes(probability[:, at], level)
    n_samples = len(samples)
    return pd.DataFrame(
        {
            "sample_id": np.repeat(np.array(samples, dtype=object), len(models)),
            "drug": np.tile(np.array([m.drug for m in models], dtype=object), n_samples),
            "probability_sensitive": probability.ravel(),
            "label": np.array(LABELS, dtype=object)[codes.ravel()],
            "status": np.tile(np.array([m.status for m in models], dtype=object), n_samples),
            "gene_coverage": 1.0,
            "bundle_version": bundle.name,
            "conformal_set": np.array(CONFORMAL_SETS, dtype=object)[codes.ravel()],
            "alignment": "",
            "lineage_used": "",
            "n_genes_missing": 0,
            "cohort": bundle.cohort,
            "simulated": bundle.simulated,
            "bundle_sha256": bundle.sha256[:12],
            "domain_percentile": np.nan,
        }
    )
