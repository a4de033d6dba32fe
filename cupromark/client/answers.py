"""Answers of the service, as the JSON that they are; tests hold these types to the OpenAPI file."""

from __future__ import annotations

from typing import Literal, TypedDict

from cupromark.client.questions import Scale

Label = Literal["sensitive", "resistant", "no call"]
IdType = Literal["symbol", "entrez", "entrez_at", "ensembl", "symbol_entrez", "probe"]
Status = Literal["supported", "exploratory", "withheld"]
Approval = Literal[
    "none", "awaiting_second_person", "approved", "approved_with_limits", "rejected", "unknown"
]


class BundleAnswer(TypedDict):
    """What answered."""

    name: str
    version: str | None
    sha256: str
    cohort: str
    simulated: bool


class GeneCoverageAnswer(TypedDict):
    """Genes of the panel; `replaced` holds the training mean (log2) that stands in for a gene."""

    fraction: float
    matched: list[str]
    missing: list[str]
    replaced: dict[str, float]


class GenesAnswer(TypedDict):
    """What became of the names of genes."""

    id_type: str
    renamed: dict[str, str]
    n_unknown: int
    ambiguous: dict[str, list[str]]
    duplicated: dict[str, int]


class SampleAnswer(TypedDict):
    """What holds for a sample whatever the drug; the percentile is 0 amid the training lines."""

    sample_id: str
    domain_percentile: float | None
    lineage_used: str
    is_training_line: bool


class Prediction(TypedDict):
    """The answer for one sample and drug."""

    sample_id: str
    drug: str
    probability_sensitive: float
    label: Label
    conformal_set: list[Literal["sensitive", "resistant"]]
    status: Status
    approval: Approval
    domain_percentile: float | None


class WithheldDrug(TypedDict):
    """A drug that was asked for, and is not answered because of where its review stands."""

    drug: str
    approval: Approval
    reason: str


class ReviewsAnswer(TypedDict):
    """What reviewers decided; `limits` holds for each answer of a drug approved with limits."""

    is_current: bool
    as_of: str | None
    age_seconds: float | None
    limits: dict[str, str]
    withheld: list[WithheldDrug]


class PredictionAnswer(TypedDict):
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


class NearTrainingLine(TypedDict):
    """A training line near a sample; distance in standard deviations a gene."""

    training_line: str
    lineage: str | None
    distance: float


class ExplainedSample(SampleAnswer):
    """What holds for a sample whatever the drug."""

    nearest_training_lines: list[NearTrainingLine]


class ClaimsAbout(TypedDict):
    """Ids of claims about an entry and the drug or its class."""

    agreeing: list[str]
    opposing: list[str]


class Attribution(TypedDict):
    """What one gene, gene set or covariate gave, in log-odds of being sensitive."""

    name: str
    kind: Literal["gene", "gene set", "lineage", "proliferation"]
    attribution_log_odds: float
    total_log_odds: float
    value_z: float | None
    higher_expression_goes_with: Literal["sensitivity", "resistance"] | None
    claims: ClaimsAbout


class Explanation(Prediction):
    """One answer, taken apart."""

    base_log_odds: float
    log_odds: float
    additivity_residual: float
    genes: list[Attribution]
    gene_sets: list[Attribution]


class ExplanationAnswer(TypedDict):
    """Explanations for all samples and drugs."""

    bundle: BundleAnswer
    level: float
    alignment: Literal["none", "quantile", "rank"]
    gene_coverage: GeneCoverageAnswer
    samples: list[ExplainedSample]
    warnings: list[str]
    reviews: ReviewsAnswer
    explanations: list[Explanation]


class ReadingReportAnswer(TypedDict):
    """What was found in profiles, and done to them, in sentences."""

    format: str
    orientation: Literal["genes_by_samples", "samples_by_genes"]
    delimiter: str | None
    id_type: IdType
    n_samples: int
    n_ids: int
    n_genes: int
    steps: list[str]
    renamed: dict[str, str]
    unknown: list[str]
    ambiguous: dict[str, list[str]]
    duplicated: dict[str, int]


class ValidationAnswer(TypedDict):
    """What is in profiles, and whether the bundle would answer for them."""

    source: str
    scale: Scale
    report: ReadingReportAnswer
    accepted: bool
    reason: str
    gene_coverage: float
    minimum_gene_coverage: float
    n_panel_genes: int
    missing_genes: list[str]
    bundle: str | None
