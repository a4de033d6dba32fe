"""The request and the answer as the OpenAPI file describes them.

`serving.predictions.question` reads requests and `serving.predictions.answer_json` writes answers;
tests hold both to these schemas.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from features.expression import Scale
from models.conformal import Label
from models.drug_model import Status
from serving.reviews.words import ShownApproval

Name = Annotated[str, Field(min_length=1, max_length=200)]
Alignment = Literal["auto", "none", "quantile", "rank"]


class Strict(BaseModel):
    """A request object: unknown fields are refused, and a boolean is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ProfileCovariates(Strict):
    """What is known of one sample beside its expression."""

    lineage: Name | None = Field(None, description="Tissue of origin, as /v1/bundles lists them.")


class Covariates(Strict):
    """What is known of the samples beside their expression."""

    lineage: Name | dict[str, Name | None] | None = Field(
        None, description="Tissue of origin of all samples, or by sample id."
    )


class Profile(Strict):
    """One sample."""

    id: Name | None = Field(None, description="Name of the sample, unique in the request.")
    expression: dict[Name, float] = Field(
        min_length=1,
        description="Value by gene: approved, previous or alias symbols, Ensembl or Entrez ids.",
    )
    covariates: ProfileCovariates | None = None


class _Asked(Strict):
    scale: Scale = Field(description="What the values are.")
    drugs: list[Name] | None = Field(
        None,
        min_length=1,
        description="Names of drugs. Left out: every drug that is not withheld.",
    )
    level: float = Field(
        0.8,
        gt=0,
        lt=1,
        description="In each class, the fraction of samples whose conformal set holds that class.",
    )
    align: Alignment = Field(
        "auto",
        description="How profiles are brought to the scale of the training cohort; auto aligns by "
        "quantiles where the scales differ.",
    )
    covariates: Covariates | None = None


class QuestionByProfile(_Asked):
    """Profiles as objects. All of them name the same genes."""

    profiles: list[Profile] = Field(min_length=1)


class QuestionByColumn(_Asked):
    """Profiles as a matrix: smaller, and several times faster to read."""

    genes: list[Name] = Field(min_length=1, description="Names of the columns.")
    values: list[list[float]] = Field(min_length=1, description="One row a sample.")
    ids: list[Name] | None = Field(None, description="Names of the samples, each once.")


class Prediction(BaseModel):
    """The answer for one sample and drug."""

    sample_id: str
    drug: str
    probability_sensitive: float = Field(ge=0, le=1, description="Calibrated probability.")
    label: Label = Field(description="The one class of the conformal set, or no call.")
    conformal_set: list[Literal["sensitive", "resistant"]] = Field(
        description="Classes that cannot be excluded at the level asked for: both is no call, none "
        "is unlike anything seen."
    )
    status: Status = Field(description="What the evidence for this drug amounts to.")
    approval: ShownApproval = Field(
        description="Where the review of this drug of this bundle stands. A rejected drug is never "
        "answered; `unknown` where the decisions could not be read."
    )
    domain_percentile: float | None = Field(
        description="How unlike the training lines the sample is: 0 amid them, 100 beyond all."
    )


class SampleAnswer(BaseModel):
    """What holds for a sample whatever the drug."""

    sample_id: str
    domain_percentile: float | None
    lineage_used: str
    is_training_line: bool = Field(
        description="The bundle learned from this line, so the answer is no test of it."
    )


class GeneCoverageAnswer(BaseModel):
    """Genes of the panel."""

    fraction: float = Field(ge=0, le=1)
    matched: list[str]
    missing: list[str]
    replaced: dict[str, float] = Field(
        description="Missing gene and the training mean (log2) that stands in for it."
    )


class GenesAnswer(BaseModel):
    """What became of the names of genes."""

    id_type: str
    renamed: dict[str, str]
    n_unknown: int
    ambiguous: dict[str, list[str]]
    duplicated: dict[str, int]


class BundleAnswer(BaseModel):
    """What answered."""

    name: str
    version: str | None
    sha256: str
    cohort: str
    simulated: bool


class WithheldDrug(BaseModel):
    """A drug that was asked for, and is not answered."""

    drug: str
    approval: ShownApproval
    reason: str


class ReviewsAnswer(BaseModel):
    """What reviewers decided about these drugs of this bundle."""

    is_current: bool = Field(
        description="Whether these are the decisions of this moment, or those of the last time "
        "that their database answered."
    )
    as_of: datetime | None = Field(
        description="That time; null for those of this moment, and where they were never read."
    )
    age_seconds: float | None = Field(ge=0, description="How long ago that was.")
    limits: dict[str, str] = Field(
        description="Drug approved with limits, and the limits, which hold for each of its answers."
    )
    withheld: list[WithheldDrug] = Field(
        description="Drugs that were asked for and are not answered: they were rejected, or are "
        "not approved where only approved drugs are answered."
    )


class PredictionAnswer(BaseModel):
    """Answers for all samples and drugs."""

    bundle: BundleAnswer
    level: float
    alignment: Literal["none", "quantile", "rank"]
    gene_coverage: GeneCoverageAnswer
    genes: GenesAnswer
    samples: list[SampleAnswer]
    warnings: list[str]
    reviews: ReviewsAnswer
    predictions: list[Prediction]
