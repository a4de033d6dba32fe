"""The request and the answer of /v1/explanations as the OpenAPI file describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from features.gene_sets import Direction
from serving.predictions.schemas import (
    BundleAnswer,
    GeneCoverageAnswer,
    Prediction,
    QuestionByColumn,
    QuestionByProfile,
    ReviewsAnswer,
    SampleAnswer,
)

ATTRIBUTION = (
    "Exact SHAP value in log-odds of being sensitive: above 0 speaks for sensitive. An attribution "
    "is an association of the model, not a cause."
)


class _Explained(BaseModel):
    top: int = Field(
        10,
        ge=1,
        le=1000,
        description="How many genes, and how many gene sets, to name of each answer.",
    )


class ExplainByColumn(QuestionByColumn, _Explained):
    """Profiles as a matrix, and how much to say of each answer."""


class ExplainByProfile(QuestionByProfile, _Explained):
    """Profiles as objects, and how much to say of each answer."""


class NearTrainingLine(BaseModel):
    """A training line near a sample."""

    training_line: str
    lineage: str | None
    distance: float = Field(description="Standard deviations a gene (root mean square).")


class ExplainedSample(SampleAnswer):
    """What holds for a sample whatever the drug."""

    nearest_training_lines: list[NearTrainingLine]


class ClaimsAbout(BaseModel):
    """Ids of the claims about an entry and the drug or its class, see /v1/claims."""

    agreeing: list[str]
    opposing: list[str]


class Attribution(BaseModel):
    """What one gene, gene set or covariate gave."""

    name: str
    kind: Literal["gene", "gene set", "lineage", "proliferation"]
    attribution_log_odds: float = Field(
        description=f"{ATTRIBUTION} By set, a gene of several sets is shared out among them."
    )
    total_log_odds: float = Field(
        description="By set, all genes of the set, whole: totals of sets overlap."
    )
    value_z: float | None = Field(
        description="Standard deviations from the training mean; of a set, the mean over its genes."
    )
    higher_expression_goes_with: Direction | None
    claims: ClaimsAbout


class Explanation(Prediction):
    """One answer, taken apart: log_odds = base_log_odds + the sum over genes and covariates."""

    base_log_odds: float
    log_odds: float
    additivity_residual: float = Field(
        description="log_odds minus the logit of probability_sensitive."
    )
    genes: list[Attribution] = Field(
        description="The weightiest genes and covariates, largest first."
    )
    gene_sets: list[Attribution] = Field(
        description="The weightiest gene sets and covariates, largest first."
    )


class ExplanationAnswer(BaseModel):
    """Explanations for all samples and drugs."""

    bundle: BundleAnswer
    level: float
    alignment: Literal["none", "quantile", "rank"]
    gene_coverage: GeneCoverageAnswer
    samples: list[ExplainedSample]
    warnings: list[str]
    reviews: ReviewsAnswer
    explanations: list[Explanation]
