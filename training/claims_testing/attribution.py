"""Which way a bundle's classifiers lean on what a claim is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.gene_sets import Direction
from models.attribution import drug_gene_directions
from models.attribution.gene_shares import GeneShares
from models.bundle import Bundle
from training.claims_testing.question import Question
from training.claims_testing.refits import PatientRefits
from training.cohort import Cohort
from training.evidence.figures import NotEstimable
from training.evidence.intervals import jackknife_interval
from training.metrics import Interval

NO_BUNDLE = NotEstimable("no bundle was given")
NOT_LINEAR = "no classifier of the bundle for these drugs leans one way for every profile"
NO_INTERVAL = "no interval"


@dataclass(frozen=True, slots=True)
class AttributionSign:
    """Which way classifiers lean on a gene, or on all genes of a process together.

    Attributes
    ----------
    drugs
        Drugs of the claim whose classifier leans one way; figures are means over them.
    genes
        Genes of the claim that are in the bundle's panel.
    log_odds_per_sd
        Log-odds of being sensitive for one standard deviation more of the gene, or of every gene
        of the process.
    interval
        Of the same, over fits without a part of the patients; why there is none where there is
        none.
    """

    drugs: tuple[str, ...]
    genes: tuple[str, ...]
    log_odds_per_sd: float
    interval: Interval | NotEstimable

    @property
    def direction(self) -> Direction | None:
        """What higher expression goes with; None at 0."""
        if self.log_odds_per_sd == 0:
            return None
        return "sensitivity" if self.log_odds_per_sd > 0 else "resistance"

    def agrees_with(self, claimed: Direction | None) -> str:
        """Say `agrees` or `opposes`, or `unclear` where the interval holds 0.

        A sign without an interval is marked as such: it may be one of chance.
        """
        if claimed is None:
            return "unclear"
        said = "agrees" if self.direction == claimed else "opposes"
        if isinstance(self.interval, NotEstimable):
            return f"{said} ({NO_INTERVAL})"
        return "unclear" if self.interval.low <= 0 <= self.interval.high else said


@dataclass(slots=True)
class BundleLeanings:
    """The linear classifiers of a bundle, with refits that show how firm their signs are.

    All drugs are learned again without one twentieth of the patients, twenty times, and the
    jackknife makes an interval of how far the figure moves. The parts are the same for all drugs,
    so that means over drugs move jointly. The interval is that of the shrunken coefficient, under
    the choices of penalty and factors that the bundle made.
    """

    refits: PatientRefits
    shares: GeneShares
    coefficients: dict[str, dict[str, float]]

    @classmethod
    def of(cls, bundle: Bundle, cohort: Cohort, *, random_state: int = 0) -> BundleLeanings:
        """Lay out a bundle and the cohort that it learned from.

        Raises
        ------
        AttributionError
            The bundle is of format 1.
        CoverageError
            The cohort lacks genes that the bundle needs.
        """
        coefficients = {
            drug: {gene: one.log_odds_per_sd for gene, one in directions.items()}
            for drug, directions in drug_gene_directions(bundle).items()
        }
        refits = PatientRefits.of(bundle, cohort, random_state=random_state)
        return cls(refits, GeneShares.of(bundle.features), coefficients)

    def answer(self, question: Question) -> AttributionSign | NotEstimable:
        """Say which way the classifiers lean on the genes of a question."""
        genes = tuple(gene for gene in question.genes if gene in self.shares.genes)
        drugs = tuple(drug for drug in question.drugs if drug in self.coefficients)
        if not genes:
            return NotEstimable(f"{question.subject} is not in the gene panel of the bundle")
        if not drugs:
            return NotEstimable(NOT_LINEAR)
        per_drug = [sum(self.coefficients[drug][gene] for gene in genes) for drug in drugs]
        value = float(np.mean(per_drug))
        if value == 0:
            return NotEstimable("the calibrated answer does not depend on the score")
        return AttributionSign(drugs, genes, value, self._interval(genes, drugs, value))

    def _interval(
        self, genes: tuple[str, ...], drugs: tuple[str, ...], value: float
    ) -> Interval | NotEstimable:
        places = [self.shares.genes.index(gene) for gene in genes]
        of_genes = self.shares.weights[:, places].sum(axis=1)
        moved = []
        for drug in drugs:
            refits = self.refits.coefficients(drug)
            if isinstance(refits, NotEstimable):
                return refits
            moved.append(refits @ of_genes * self.refits.bundle.drugs[drug].calibration.slope)
        return jackknife_interval(value, np.mean(moved, axis=0))
