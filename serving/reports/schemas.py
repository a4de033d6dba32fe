"""`GET /v1/reports/{drug}` as the OpenAPI file describes it; tests hold the answers to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from features.gene_sets import Direction
from models.drug_model import Status
from models.reports.content import EntryKind

WHY_NULL = "null where the bundle does not allow it; `missing` says why."
ClaimVerdict = Literal["contradicted", "supported", "inconclusive", "not tested", "not testable"]


class Figure(BaseModel):
    """A number with its 95% interval."""

    value: float | None
    low: float | None
    high: float | None


class ReportBundle(BaseModel):
    """The bundle that the report is of."""

    version: str | None
    sha256: str
    created_at: str | None


class ReportVerdict(BaseModel):
    """What to take away."""

    status: Status
    sentences: list[str]
    reason: str = Field(description="Why this status.")
    in_short: list[str]


class LeftOut(BaseModel):
    """A feature that the cohort does not allow."""

    feature: str
    reason: str


class ReportPanel(BaseModel):
    """How much of the gene sets the cohort measures."""

    n_held: int
    n_genes: int
    missing: list[str]
    left_out: list[LeftOut]


class ReportLines(BaseModel):
    """The training lines on which the drug was measured, a list a column, all of one length."""

    name: list[str]
    lineage: list[str | None]
    patient: list[int] = Field(description="Lines of one number are of one patient.")
    is_sensitive: list[bool] | None = Field(description="As measured.")
    probability: list[float] | None = Field(
        description="Mean probability of being sensitive, from folds that held the line out."
    )


class ReportEntry(BaseModel):
    """A gene, a gene set or a covariate, over the lines of the drug."""

    name: str
    title: str
    kind: EntryKind
    family: str | None = Field(description="Kind of gene sets that it belongs to.")
    sets: list[str]
    n_genes: int
    entrez: str | None
    ensembl: str | None
    mean_size: Figure = Field(
        description="Mean size of its attribution, in log-odds, whatever the sign."
    )
    total_size: Figure | None = Field(description="Of a set, its genes counted whole.")
    share: float = Field(description="Of the sum of all mean sizes.")
    direction: Direction | None = Field(
        description="What higher expression counts towards; null where that depends on the line."
    )
    log_odds_per_sd: float | None
    expected: Direction | None = Field(description="What the sources expect.")
    context: str
    agreeing: list[str] = Field(description="Ids of claims that lean the same way.")
    opposing: list[str] = Field(description="Ids of claims that lean the other way.")
    attribution: list[float] = Field(description="Of each line, in log-odds.")
    z: list[float] | None = Field(description="Of each line; null for lineage.")


class ReportDrivers(BaseModel):
    """What the classifier rests on. Associations, not causes."""

    is_linear: bool
    base_log_odds: float
    n_patients: int
    n_draws: int = Field(description="Of whole patients, behind the intervals.")
    lines: ReportLines
    genes: list[ReportEntry] = Field(description="Weightiest first, with the covariates.")
    sets: list[ReportEntry] = Field(description="Weightiest first, with the covariates.")


class ReportPair(BaseModel):
    """Two features whose attributions depend on each other."""

    first: str
    second: str
    mean_size: float


class ReportInteractions(BaseModel):
    """Interactions of features; none in a linear score."""

    is_linear: bool
    share: float
    pairs: list[ReportPair]


class ReportClaim(BaseModel):
    """A claim of the literature, and what the cohort says of it."""

    claim_id: str
    subject: str | None
    gene: str | None
    drug: str | None
    drug_class: str | None
    cancer: str | None
    direction_when_high: Direction | None
    statement: str
    source: str
    verdict: ClaimVerdict
    reason: str
    correlation: Figure | None = Field(
        description="Spearman correlation of expression with sensitivity within lineages."
    )
    n_lines: int | None
    q_value: float | None
    classifier: Direction | None = Field(description="What the classifier makes of the gene.")


class ReportLineage(BaseModel):
    """The lines of a lineage, as they were answered while they were held out."""

    name: str
    n_lines: int
    n_sensitive: int
    sensitive: Figure = Field(description="Measured share of sensitive lines (Wilson).")
    promised: float
    lineage_log_odds: float | None
    gene_log_odds: float | None


class ReportLine(BaseModel):
    """A line at either end of the held-out probabilities."""

    name: str
    lineage: str | None
    probability: float
    is_sensitive: bool


class ReportLineages(BaseModel):
    """Lineages and lines."""

    fewest_lines: int = Field(description="Lineages of fewer lines stand together.")
    rows: list[ReportLineage]
    highest: list[ReportLine]
    lowest: list[ReportLine]


class ReportText(BaseModel):
    """A paragraph under a heading."""

    heading: str
    text: str


class ReportFact(BaseModel):
    """A line of the provenance."""

    what: str
    value: str


class ReportAnswer(BaseModel):
    """Everything that the printed report of a drug says, as data."""

    schema_version: int
    drug: str
    cohort: str
    simulated: bool
    bundle: ReportBundle
    verdict: ReportVerdict
    evidence_card: dict[str, Any] = Field(
        description="As docs/schemas/evidence-card.schema.json describes it."
    )
    estimator: str
    panel: ReportPanel
    drivers: ReportDrivers | None = Field(description=f"Attributions; {WHY_NULL}")
    interactions: ReportInteractions | None = Field(description=WHY_NULL)
    claims: list[ReportClaim]
    claims_source: str
    lineages: ReportLineages | None = Field(description=WHY_NULL)
    limits: list[str]
    methods: list[ReportText]
    provenance: list[ReportFact]
    citation: list[str]
    missing: list[str] = Field(description="Why parts are null, each reason once.")
