"""Which way a bundle's classifiers lean on what a claim is about."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from features.gene_sets import Direction
from features.lineage import LINEAGE_COLUMN
from models.attribution import drug_gene_directions
from models.attribution.gene_shares import GeneShares
from models.bundle import Bundle
from models.estimators.rank_ridge import rank_of_sensitivity
from models.linear import LinearScore
from training.claims_testing.question import Question
from training.cohort import Cohort
from training.drug_tasks import response_of
from training.evidence.figures import NotEstimable
from training.metrics import FloatArray, Interval, interval_of

NO_BUNDLE = NotEstimable("no bundle was given")
NOT_LINEAR = "no classifier of the bundle for these drugs leans one way for every profile"
OTHER_LINES = "the cohort does not hold the lines that the bundle learned from"
NO_INTERVAL = "no interval"
REPRODUCED = 1e-6


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
        Of the same, from wild draws of the response; why there is none where there is none.
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
    """The linear classifiers of a bundle, with draws that show how firm their signs are.

    The draws are a wild bootstrap: the residuals of each patient's lines keep their size and get a
    random sign, and what the same ridge makes of them is added to its coefficients. The interval
    is that of the shrunken coefficient. Every drug gets the same signs, so that means over drugs
    are drawn jointly. Nothing is drawn for estimators other
    than `rank_ridge`, whose fit is a matrix product.

    References
    ----------
    Cameron, Gelbach and Miller 2008, doi:10.1162/rest.90.3.414: wild bootstrap by clusters.
    """

    bundle: Bundle
    cohort: Cohort
    matrix: FloatArray
    signs: FloatArray
    shares: GeneShares
    coefficients: dict[str, dict[str, float]]
    _draws: dict[str, FloatArray | NotEstimable] = field(default_factory=dict)

    @classmethod
    def of(
        cls, bundle: Bundle, cohort: Cohort, *, n_draws: int = 500, random_state: int = 0
    ) -> BundleLeanings:
        """Lay out a bundle and the cohort that it learned from.

        Raises
        ------
        AttributionError
            The bundle is of format 1.
        CoverageError
            The cohort lacks genes that the bundle needs.
        """
        samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
        patients = np.unique(cohort.split_group.to_numpy(dtype=np.str_), return_inverse=True)[1]
        generator = np.random.default_rng(random_state)
        flips = generator.choice([-1.0, 1.0], size=(int(patients.max()) + 1, n_draws))
        coefficients = {
            drug: {gene: one.log_odds_per_sd for gene, one in directions.items()}
            for drug, directions in drug_gene_directions(bundle).items()
        }
        return cls(
            bundle,
            cohort,
            bundle.features.transform(samples),
            flips[patients],
            GeneShares.of(bundle.features),
            coefficients,
        )

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
        drawn = []
        for drug in drugs:
            draws = self._draws.get(drug)
            if draws is None:
                draws = self._draws[drug] = self._draw(drug)
            if isinstance(draws, NotEstimable):
                return draws
            drawn.append(draws[places].sum(axis=0))
        return interval_of(value, np.mean(drawn, axis=0))

    def _draw(self, drug: str) -> FloatArray | NotEstimable:
        """(n_genes, n_draws) log-odds per standard deviation of every gene."""
        model = self.bundle.drugs[drug]
        if model.estimator != "rank_ridge" or model.linear is None:
            return NotEstimable(f"signs of {model.estimator} are not drawn")
        response = response_of(self.cohort).values[drug].to_numpy(dtype=np.float64)
        measured = np.isfinite(response)
        target = rank_of_sensitivity(response[measured])
        fit = _ridge_map(self.matrix[measured], float(model.parameters["penalty"]))
        if not _reproduces(fit @ target, model.linear):
            return NotEstimable(OTHER_LINES)
        centred = self.matrix[measured] - self.matrix[measured].mean(axis=0)
        coefficients = fit @ target
        residuals = target - centred @ coefficients
        drawn = coefficients[:, None] + fit @ (residuals[:, None] * self.signs[measured])
        by_gene: FloatArray = self.shares.weights.T @ drawn * model.calibration.slope
        return by_gene


def _ridge_map(features: FloatArray, penalty: float) -> FloatArray:
    """(n_features, n_lines) what takes a target of mean zero to the coefficients of the ridge."""
    centred = features - features.mean(axis=0)
    inner = centred @ centred.T + penalty * np.eye(len(centred))
    mapped: FloatArray = np.linalg.solve(inner, centred).T
    return mapped


def _reproduces(coefficients: FloatArray, score: LinearScore) -> bool:
    gap = float(np.abs(coefficients - score.coefficients).max())
    return gap <= REPRODUCED * max(1.0, float(np.abs(score.coefficients).max()))
