"""What the literature's claims about one drug come to when they are tested on the cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.claims import load_claims
from features.gene_sets import GeneSetCollection
from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.claims_testing.testing import test_claims
from training.cohort import Cohort
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.metrics import Interval

NO_CLAIM = "no claim that the cohort can test speaks of the drug or its class"
NONE_DECIDED = "no claim was decided either way"
WILSON_95 = 1.96
WORDS = {"supported": "agree", "contradicted": "disagree", "inconclusive": "inconclusive"}


@dataclass(frozen=True, slots=True)
class ClaimAgreement:
    """Verdicts of the claims that speak of a drug, or of a class that it belongs to.

    Attributes
    ----------
    rows
        Tested rows of the ledger; a claim about a class is judged by all its drugs together.
    """

    rows: tuple[LedgerRow, ...]

    def count(self, verdict: str) -> int:
        """How many claims have a verdict of `training.claims_testing.verdict`."""
        return sum(row.verdict_word == verdict for row in self.rows)

    @property
    def share_agreeing(self) -> Figure:
        """Share of the decided claims that agree with the cohort."""
        agree, disagree = self.count("supported"), self.count("contradicted")
        if not self.rows:
            return NotEstimable(NO_CLAIM)
        if not agree + disagree:
            return NotEstimable(NONE_DECIDED)
        return wilson_interval(agree, agree + disagree)

    def to_json(self) -> dict[str, Any]:
        """Give the counts, and every claim with its figure."""
        return {
            "n_tested": len(self.rows),
            **{word: self.count(verdict) for verdict, word in WORDS.items()},
            "share_agreeing": figure_json(self.share_agreeing),
            "tested": [_row_json(row) for row in self.rows],
        }


def claim_agreements(
    cohort: Cohort, gene_sets: GeneSetCollection, drugs: Sequence[str], *, n_jobs: int = 1
) -> dict[str, ClaimAgreement]:
    """Test the shipped claims on a cohort, and give every drug those that speak of it.

    Returns
    -------
    dict
        Drug -> agreement, without rows for a drug of which no testable claim speaks.
    """
    ledger = test_claims(load_claims(), cohort, gene_sets, n_jobs=n_jobs)
    return agreements_of(ledger, drugs)


def agreements_of(ledger: Ledger, drugs: Sequence[str]) -> dict[str, ClaimAgreement]:
    """Sort the tested rows of a ledger by drug; a claim about a class goes to each of its drugs."""
    found: dict[str, list[LedgerRow]] = {drug: [] for drug in drugs}
    for row in ledger.tested():
        for drug in row.question.drugs if row.question else ():
            if drug in found:
                found[drug].append(row)
    return {drug: ClaimAgreement(tuple(rows)) for drug, rows in found.items()}


def wilson_interval(n_successes: int, n_trials: int) -> Interval:
    """Give a share with its 95% interval (Wilson 1927, doi:10.2307/2276774)."""
    share = n_successes / n_trials
    z2 = WILSON_95**2
    centre = (share + z2 / (2 * n_trials)) / (1 + z2 / n_trials)
    reach = WILSON_95 * np.sqrt(share * (1 - share) / n_trials + z2 / (4 * n_trials**2))
    half = float(reach / (1 + z2 / n_trials))
    # At 0 and 1 the bound is the share itself, but for rounding.
    return Interval(share, min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share))


def _row_json(row: LedgerRow) -> dict[str, Any]:
    measured = row.measurement
    figure = measured.within_lineage if isinstance(measured, Measurement) else None
    return {
        "claim": row.claim.claim_id,
        "subject": str(row.claim.subject),
        "about": "drug" if row.claim.drug is not None else row.claim.drug_class,
        "direction_when_high": row.claim.direction_when_high,
        "verdict": WORDS[row.verdict_word],
        "within_lineage": figure.to_json() if figure else None,
        "q": row.q_value,
    }
