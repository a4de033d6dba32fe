"""Testing claims on a cohort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from features.claim_table import Claim
from features.gene_sets import GeneSet
from models.bundle import Bundle
from training.claims_testing.attribution import BundleLeanings
from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Bench, Measurement, lay_out, measure
from training.claims_testing.question import Question, cancer_lineages, question_of
from training.claims_testing.verdict import NOT_TESTABLE, judge_claim
from training.cohort import Cohort
from training.evidence.figures import NotEstimable
from training.evidence.p_values import benjamini_hochberg

Answers = dict[Question, Measurement | NotEstimable]


# PT028 takes the name for a test's.
def test_claims(
    claims: Iterable[Claim],
    cohort: Cohort,
    gene_sets: Mapping[str, GeneSet],
    *,
    n_bootstrap: int = 500,  # noqa: PT028
    random_state: int = 0,  # noqa: PT028
    n_jobs: int = 1,  # noqa: PT028
    bundle: Bundle | None = None,  # noqa: PT028
) -> Ledger:
    """Test every claim that a cohort can test, and say why it cannot test the others.

    A claim about a gene is tested by the gene's expression, a claim about a process by the mean z
    of its genes. A claim that names a drug is tested by that drug alone. A claim about a class of
    drugs is one row too: its figures are means, over the drugs of the class that the cohort has,
    of the correlation with each drug, with intervals from draws that all drugs share; a claim
    about a class is one about what its drugs have in common, and the best of them would have been
    chosen by its result.

    Parameters
    ----------
    claims
        As from `features.claims.load_claims`, or a user's own.
    gene_sets
        The processes that claims are about.
    n_bootstrap
        Draws of split groups behind every interval.
    random_state
        Seed of the draws; the same seed gives the same ledger, whatever `n_jobs`.
    bundle
        Trained on this cohort: the ledger also says which way its classifiers lean on what each
        claim is about, given everything else that they know. It has no say in the verdict.

    Returns
    -------
    Ledger
        One row a claim, in the order of the claims. q-values are taken over the distinct
        measurements: several claims that rest on the same correlation are one test.
    """
    listed = tuple(claims)
    asked = {claim: question_of(claim, cohort, gene_sets) for claim in listed}
    questions = [each for each in asked.values() if isinstance(each, Question)]
    bench = lay_out(cohort, n_bootstrap=n_bootstrap, random_state=random_state)
    answers = _answer([*questions, *_in_cancer(asked, cohort).values()], bench, n_jobs)
    q_values = _q_values({question: answers[question] for question in questions})
    rows = tuple(_row(claim, asked[claim], cohort, answers, q_values) for claim in listed)
    if bundle is not None:
        leanings = BundleLeanings.of(bundle, cohort, random_state=random_state)
        rows = tuple(_with_leaning(row, leanings) for row in rows)
    return Ledger(cohort.name, rows, n_bootstrap, random_state, cohort.simulated)


def _in_cancer(
    asked: Mapping[Claim, Question | NotEstimable], cohort: Cohort
) -> dict[Claim, Question]:
    """Ask again among the lines of the cancer, where a claim names one that the cohort has."""
    again = {}
    for claim, question in asked.items():
        lineages = cancer_lineages(claim, cohort)
        if isinstance(question, Question) and not isinstance(lineages, NotEstimable):
            again[claim] = replace(question, lineages=lineages)
    return again


def _answer(questions: Iterable[Question], bench: Bench, n_jobs: int) -> Answers:
    """Measure every distinct question once."""
    distinct = list(dict.fromkeys(questions))
    with threadpool_limits(limits=1):
        # Threads: the arrays are shared, and NumPy releases the lock in what takes the time.
        parallel = joblib.Parallel(n_jobs=n_jobs, prefer="threads")
        measured = parallel(joblib.delayed(measure)(question, bench) for question in distinct)
    return dict(zip(distinct, measured, strict=True))


def _q_values(answers: Answers) -> dict[Question, float]:
    tested = {q: each.p_value for q, each in answers.items() if isinstance(each, Measurement)}
    q_values = benjamini_hochberg(np.array(list(tested.values()), dtype=np.float64))
    return dict(zip(tested, q_values.tolist(), strict=True))


def _row(
    claim: Claim,
    asked: Question | NotEstimable,
    cohort: Cohort,
    answers: Answers,
    q_values: Mapping[Question, float],
) -> LedgerRow:
    if isinstance(asked, NotEstimable):
        return _untested(claim, None, asked)
    measured = answers[asked]
    if isinstance(measured, NotEstimable) or claim.direction_when_high is None:
        reason = measured if isinstance(measured, NotEstimable) else NotEstimable("no direction")
        return _untested(claim, asked, reason)
    lineages = cancer_lineages(claim, cohort)
    known = () if isinstance(lineages, NotEstimable) else lineages
    again = lineages if isinstance(lineages, NotEstimable) else replace(asked, lineages=lineages)
    return LedgerRow(
        claim=claim,
        question=asked,
        measurement=measured,
        in_cancer=again if isinstance(again, NotEstimable) else answers[again],
        cancer_lineages=known,
        q_value=q_values[asked],
        verdict=judge_claim(measured.within_lineage, claim.direction_when_high),
    )


def _with_leaning(row: LedgerRow, leanings: BundleLeanings) -> LedgerRow:
    if row.question is None:
        reason = row.verdict.partition(": ")[2]
        return replace(row, attribution=NotEstimable(reason))
    return replace(row, attribution=leanings.answer(row.question))


def _untested(claim: Claim, asked: Question | None, reason: NotEstimable) -> LedgerRow:
    return LedgerRow(
        claim=claim,
        question=asked,
        measurement=reason,
        in_cancer=reason,
        cancer_lineages=(),
        q_value=None,
        verdict=f"{NOT_TESTABLE}: {reason.reason}",
    )
