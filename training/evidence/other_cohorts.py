"""The panel on lines that only another cohort holds: shared and unseen lines, and roc_auc there.

Rank ridge learns from every line of the first cohort and is asked about lines of the other one
whose patient the first does not hold. Platforms differ, so that every gene is put on the scale of
its own cohort (mean 0, SD 1 over its lines); that reads expression of the other cohort, never a
response. Cohorts that share a screen share its errors: it is lines that are new, not measurements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from features.feature_plan import plan_features
from features.gene_sets import GeneSetCollection
from features.lineage import fit_lineage_coding
from features.symbols import SymbolTable
from training.cohort import Cohort, load_cohort
from training.drugs import drug_key
from training.errors import LabelError
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.panel_features import PanelAlgebra
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.files import FileSource
from training.labels import label_response
from training.metrics import (
    BoolArray,
    FloatArray,
    group_bootstrap_weights,
    interval_of,
    pooled_roc_auc,
    ranked_pairs,
)

FEWEST_OF_A_CLASS = 5
FEWEST_SHARED_GENES = 10
NO_PATIENTS = "without Model.csv no line of one cohort can be found in another"
NOT_HERE = "not run: fetch it by `cupromark data fetch {name}`, then run `cupromark evidence run`"


@dataclass(frozen=True, slots=True)
class OtherCohort:
    """What another cohort says of lines that were never learned from.

    Attributes
    ----------
    n_shared_lines, n_unseen_lines
        Lines of the other cohort whose patient the first one holds, and the others.
    n_shared_genes
        Panel genes that both hold: those that the classifier reads here.
    roc_auc
        Drug -> on unseen lines.
    n_tested, n_sensitive
        Drug -> unseen lines on which it was measured, and how many of these are sensitive.
    """

    n_shared_lines: int
    n_unseen_lines: int
    n_shared_genes: int
    roc_auc: dict[str, Figure]
    n_tested: dict[str, int] = field(default_factory=dict)
    n_sensitive: dict[str, int] = field(default_factory=dict)

    def of_drug(self, drug: str) -> dict[str, Any]:
        """Every figure of one drug by name."""
        return {
            "n_shared_lines": self.n_shared_lines,
            "n_unseen_lines": self.n_unseen_lines,
            "n_shared_genes": self.n_shared_genes,
            "n_tested": self.n_tested.get(drug, 0),
            "n_sensitive": self.n_sensitive.get(drug, 0),
            "roc_auc": figure_json(self.roc_auc[drug]),
        }


@dataclass(frozen=True, slots=True)
class OtherCohorts:
    """Cohorts at hand, and by name why others are not."""

    cohorts: tuple[Cohort, ...] = ()
    not_run: Mapping[str, str] = field(default_factory=dict)


def load_other_cohorts(
    files: FileSource, name: str, *, symbols: SymbolTable | None = None
) -> OtherCohorts:
    """Load the other cohorts of cell lines whose files are at hand; nothing is downloaded.

    Parameters
    ----------
    symbols
        Names of genes, where a cohort has read them already.
    """
    cohorts, not_run = [], {}
    known = [one for one in files.catalogue.cohorts if _has_models(files, one)]
    for other in known:
        roles = files.catalogue.files_of(other)
        if other == name:
            continue
        if name not in known:  # a user's lines may be any of theirs, under whatever name
            not_run[other] = str(NotEstimable(NO_PATIENTS))
        elif all(files.find(file) for file in roles.values()):
            cohorts.append(load_cohort(other, files=files, symbols=symbols))
        else:
            not_run[other] = NOT_HERE.format(name=other)
    return OtherCohorts(tuple(cohorts), not_run)


def _has_models(files: FileSource, name: str) -> bool:
    """Whether Model.csv knows the lines; it alone says which lines two cohorts share."""
    return "models" in files.catalogue.files_of(name, optional=True)


def ask_cohort(
    data: ControlData,
    settings: ControlSettings,
    gene_sets: GeneSetCollection,
    other: Cohort,
    *,
    n_bootstrap: int = 500,
) -> OtherCohort:
    """Learn from all lines of a cohort, and rank the lines that only the other one holds.

    Parameters
    ----------
    data, settings
        Cohort to learn from, with the coding of lineages and the seed of the bootstrap.
    other
        With response; labels are made as in `data`, over all of its own lines.
    n_bootstrap
        Draws of patients behind every interval.
    """
    groups = other.split_group.to_numpy(dtype=np.str_)
    unseen = ~np.isin(groups, data.groups)
    held = frozenset(other.expression.genes)
    genes = [gene for gene in data.plan.gene_panel if gene in held]
    counts = int((~unseen).sum()), int(unseen.sum()), len(genes)
    reason = _refusal(data, other, unseen, len(genes))
    if reason is not None:
        return OtherCohort(*counts, dict.fromkeys(data.drugs, reason))
    with threadpool_limits(limits=1):
        scores = _scores(data, settings, gene_sets, other, genes)
    generator = np.random.default_rng(settings.random_state)
    draws = group_bootstrap_weights(groups, n_bootstrap, generator)
    weights = np.vstack([np.ones(len(groups)), draws])
    found = OtherCohort(*counts, {})
    columns = _columns(other)
    for at, drug in enumerate(data.drugs):
        labels = _labels(data, other, columns.get(drug_key(drug)))
        if isinstance(labels, NotEstimable):
            found.roc_auc[drug] = labels
            continue
        measured, is_sensitive = labels
        lines = np.flatnonzero(measured & unseen)
        found.n_tested[drug], found.n_sensitive[drug] = len(lines), int(is_sensitive[lines].sum())
        found.roc_auc[drug] = _figure(is_sensitive, scores[:, at], lines, weights)
    return found


def _refusal(
    data: ControlData, other: Cohort, unseen: BoolArray, n_genes: int
) -> NotEstimable | None:
    samples = np.array(other.expression.samples, dtype=np.str_)
    own = data.expression.index.to_numpy(dtype=np.str_)
    if (other.split_group.to_numpy(dtype=np.str_) == samples).all() or (data.groups == own).all():
        return NotEstimable(NO_PATIENTS)
    if n_genes < FEWEST_SHARED_GENES:
        return NotEstimable(f"{n_genes} shared panel genes, at least {FEWEST_SHARED_GENES}")
    if not unseen.any():
        return NotEstimable("every line is one that was learned from")
    return None


def _scores(
    data: ControlData,
    settings: ControlSettings,
    gene_sets: GeneSetCollection,
    other: Cohort,
    genes: Sequence[str],
) -> FloatArray:
    """(n_other_lines, n_drugs)."""
    plan = plan_features(gene_sets, genes, levels=("genes", "sets", "balances"), covariates=())
    algebra = PanelAlgebra.of_plan(plan)
    coding = fit_lineage_coding(
        data.lineage, minimum=settings.lineage_minimum, weight=settings.lineage_weight
    )
    train, test = (
        np.hstack([algebra.features(_z(values[list(algebra.panel)])), coding.encode(lineage)])
        for values, lineage in (
            (data.expression, data.lineage),
            (other.expression.values, other.lineage),
        )
    )
    return predict_held_out(train, test, rank_targets(data.response))


def _z(values: pd.DataFrame) -> FloatArray:
    array = values.to_numpy(dtype=np.float64)
    spread = array.std(axis=0, ddof=1)
    z: FloatArray = (array - array.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)
    return z


def _columns(other: Cohort) -> dict[str, str]:
    if other.response is None:
        return {}
    return {drug_key(str(name)): str(name) for name in other.response.values.columns}


def _labels(
    data: ControlData, other: Cohort, drug: str | None
) -> tuple[BoolArray, BoolArray] | NotEstimable:
    """Measured lines of the other cohort, and its sensitive ones."""
    if other.response is None or drug is None:
        return NotEstimable(f"{other.name} does not measure the drug")
    if data.label_method not in ("tertile", "waterfall"):
        return NotEstimable(f"labels by {data.label_method} do not carry over to {other.name}")
    response = other.response.values[drug].to_numpy(dtype=np.float64)
    measured = np.isfinite(response)
    is_sensitive = np.zeros_like(measured)
    try:
        is_sensitive[measured], _ = label_response(
            response[measured], drug=drug, kind=other.response.kind, method=data.label_method
        )
    except LabelError as error:
        return NotEstimable(error.found)
    return measured, is_sensitive


def _figure(
    is_sensitive: BoolArray,
    scores: FloatArray,
    lines: np.ndarray[tuple[int], np.dtype[np.int64]],
    weights: FloatArray,
) -> Figure:
    n_sensitive = int(is_sensitive[lines].sum())
    n_resistant = len(lines) - n_sensitive
    if min(n_sensitive, n_resistant) < FEWEST_OF_A_CLASS:
        return NotEstimable(
            f"{n_sensitive} sensitive and {n_resistant} resistant unseen lines, at least "
            f"{FEWEST_OF_A_CLASS} of each are needed"
        )
    drawn = pooled_roc_auc([ranked_pairs(is_sensitive, scores, lines)], weights)
    return interval_of(float(drawn[0]), drawn[1:])
