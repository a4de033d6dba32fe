"""Measuring how expression of a gene or a process goes with the response to drugs."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from features.reference import fit_reference
from features.scores.mean_z import score_mean_z
from training.claims_testing.correlation import RankedDraws, correlate, rank_draws
from training.claims_testing.question import Question
from training.cohort import Cohort
from training.errors import TrainingError
from training.evidence.figures import NotEstimable
from training.metrics import (
    BoolArray,
    FloatArray,
    IntArray,
    Interval,
    group_bootstrap_weights,
    interval_of,
)

MINIMUM_LINES = 20
"""Lines with expression, response and a lineage that another of them shares."""

MINIMUM_LINES_OF_CANCER = 15
"""The same, among the lineages of the cancer that a claim names."""


FEWEST_DRAWS = 50
"""Draws that an interval rests on at least."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """How expression goes with sensitivity; above 0, higher expression is associated with it.

    Attributes
    ----------
    drugs
        Drugs with enough lines; figures are means over them.
    n_lines
        Lines with expression and the response to at least one of the drugs.
    effect_size
        Spearman correlation over all lines.
    within_lineage
        The same after the mean rank of its lineage was taken from each line's ranks.
    p_value
        Of `within_lineage` being 0, two-sided: Fisher's z over its bootstrap standard deviation.
    """

    drugs: tuple[str, ...]
    n_lines: int
    effect_size: Interval
    within_lineage: Interval
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A cohort laid out for measuring.

    Attributes
    ----------
    expression
        Lines x genes, log2.
    sensitivity
        Drug -> (n_lines,): the response turned round, so that high is sensitive; NaN where it was
        not measured.
    lineage
        (n_lines,) number of the lineage; -1 where it is not known.
    lineage_names
        Names of the lineages by their numbers.
    weights
        (1 + n_bootstrap, n_lines): ones, then the draws of split groups. All measurements share
        them, so that what a claim gets does not depend on which claims stand beside it.
    """

    cohort: Cohort
    sensitivity: dict[str, FloatArray]
    lineage: IntArray
    lineage_names: tuple[str, ...]
    weights: FloatArray


def lay_out(cohort: Cohort, *, n_bootstrap: int, random_state: int) -> Bench:
    """Lay a cohort out; what is random is drawn here, once."""
    numbers, names = pd.factorize(cohort.lineage, sort=True)
    groups = cohort.split_group.to_numpy(dtype=np.str_)
    if n_bootstrap < FEWEST_DRAWS:
        raise TrainingError(
            f"{n_bootstrap} draws of the bootstrap.",
            needed=f"at least {FEWEST_DRAWS}, or an interval is no interval.",
            remedy="Leave n_bootstrap at 500.",
        )
    generator = np.random.default_rng(random_state)
    draws = group_bootstrap_weights(groups, n_bootstrap, generator)
    response = pd.DataFrame() if cohort.response is None else cohort.response.values
    return Bench(
        cohort=cohort,
        sensitivity={str(drug): -response[drug].to_numpy(dtype=np.float64) for drug in response},
        lineage=np.asarray(numbers, dtype=np.int64),
        lineage_names=tuple(map(str, names)),
        weights=np.vstack([np.ones((1, len(groups))), draws]),
    )


def measure(question: Question, bench: Bench) -> Measurement | NotEstimable:
    """Answer a question; of a class of drugs the mean over its drugs, drawn jointly."""
    if not bench.lineage_names:
        return NotEstimable("the cohort states no lineage")
    expression = _expression(question, bench.cohort)
    per_drug = {drug: _correlations(expression, drug, question, bench) for drug in question.drugs}
    figures = {drug: each for drug, each in per_drug.items() if not isinstance(each, NotEstimable)}
    if not figures:
        return _no_drug(per_drug)
    marginal = np.mean([each.effect_size for each in figures.values()], axis=0)
    within = np.mean([each.within_lineage for each in figures.values()], axis=0)
    if np.isfinite(within).sum() < FEWEST_DRAWS:
        return NotEstimable("too few lines vary within a lineage for an interval")
    return Measurement(
        drugs=tuple(figures),
        n_lines=int(np.any([each.lines for each in figures.values()], axis=0).sum()),
        effect_size=interval_of(float(marginal[0]), marginal[1:]),
        within_lineage=interval_of(float(within[0]), within[1:]),
        p_value=_p_value(within),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Correlations:
    """(1 + n_bootstrap,) correlations with the response to one drug, over some lines."""

    lines: BoolArray
    effect_size: FloatArray
    within_lineage: FloatArray


def _correlations(
    expression: FloatArray, drug: str, question: Question, bench: Bench
) -> _Correlations | NotEstimable:
    sensitivity = bench.sensitivity[drug]
    lines = np.isfinite(sensitivity) & _asked_for(question, bench)
    reason = _too_little(question, drug, lines, expression, bench)
    if reason is not None:
        return reason
    weights, lineage = bench.weights[:, lines], _own_lineages(bench.lineage[lines])
    left = rank_draws(expression[lines], weights, lineage)
    right = rank_draws(sensitivity[lines], weights, lineage)
    if np.isnan(left.within_lineage[0, 0]) or np.isnan(right.within_lineage[0, 0]):
        return NotEstimable(f"{_what(left, question, drug)} does not vary within any lineage")
    return _Correlations(
        lines,
        correlate(left.all_lines, right.all_lines, weights),
        correlate(left.within_lineage, right.within_lineage, weights),
    )


def _expression(question: Question, cohort: Cohort) -> FloatArray:
    """(n_lines,) expression of the gene, or the mean z of the process over the cohort."""
    genes = list(question.genes)
    values = cohort.expression.values[genes]
    if question.n_set_genes == 1:
        return values.iloc[:, 0].to_numpy(dtype=np.float64)
    reference = fit_reference(
        values, expression_scale=cohort.expression.scale, with_quantiles=False
    )
    return score_mean_z(values, {"process": genes}, reference=reference)["process"].to_numpy()


def _asked_for(question: Question, bench: Bench) -> BoolArray:
    if question.lineages is None:
        return np.ones(len(bench.lineage), dtype=np.bool_)
    numbers = [bench.lineage_names.index(name) for name in question.lineages]
    return np.isin(bench.lineage, numbers)


def _too_little(
    question: Question, drug: str, lines: BoolArray, expression: FloatArray, bench: Bench
) -> NotEstimable | None:
    fewest = MINIMUM_LINES if question.lineages is None else MINIMUM_LINES_OF_CANCER
    where = "" if question.lineages is None else f" of {' and '.join(question.lineages)}"
    n_lines = int(lines.sum())
    if n_lines < fewest:
        return NotEstimable(f"{drug} was measured in {n_lines} lines{where}, fewer than {fewest}")
    if np.ptp(expression[lines]) == 0:
        return NotEstimable(f"expression of {question.subject} is the same in all lines{where}")
    if np.ptp(bench.sensitivity[drug][lines]) == 0:
        return NotEstimable(f"the response to {drug} is the same in all lines{where}")
    known = bench.lineage[lines & (bench.lineage >= 0)]
    n_shared = int((np.bincount(known)[known] > 1).sum()) if known.size else 0
    if n_shared < fewest:
        return NotEstimable(
            f"{n_shared} lines{where} with a response to {drug} share a lineage with another, "
            f"fewer than {fewest}"
        )
    return None


def _own_lineages(lineage: IntArray) -> IntArray:
    """Give every line of unknown lineage one of its own, which takes it out of the comparison."""
    unknown = lineage < 0
    alone = lineage.max(initial=0) + 1 + np.arange(int(unknown.sum()))
    own = lineage.copy()
    own[unknown] = alone
    return own


def _what(expression: RankedDraws, question: Question, drug: str) -> str:
    if np.isnan(expression.within_lineage[0, 0]):
        return f"expression of {question.subject}"
    return f"the response to {drug}"


def _no_drug(reasons: dict[str, _Correlations | NotEstimable]) -> NotEstimable:
    """Why none of the drugs can be used: each reason once."""
    said = dict.fromkeys(each.reason for each in reasons.values() if isinstance(each, NotEstimable))
    return NotEstimable("; ".join(said))


def _p_value(within: FloatArray) -> float:
    z = np.arctanh(np.clip(within, -1 + 1e-12, 1 - 1e-12))
    spread = max(float(np.nanstd(z[1:], ddof=1)), 1e-12)
    return 2 * NormalDist().cdf(-abs(float(z[0])) / spread)
