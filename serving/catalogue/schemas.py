"""The lists as the OpenAPI file describes them; tests hold the answers to these schemas."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from features.claims import Change
from features.gene_sets import Direction
from models.drug_model import Status
from serving.predictions.schemas import BundleAnswer

NEXT = "Address of the next page; null on the last one."
TOTAL = "Records on all pages."
EXPECTED = "What higher expression is expected to go with; null where the sources do not say."


class Drug(BaseModel):
    """What is known of one drug, in short."""

    name: str
    status: Status = Field(description="What the evidence amounts to.")
    status_reason: str | None = Field(description="The sentence that explains the status.")
    estimator: str = Field(description="The family of classifiers that was chosen.")
    drug_classes: list[str]
    roc_auc: float | None = Field(
        description="On unseen lines, in folds grouped by patient: 0.5 is chance, higher is better."
    )
    roc_auc_low: float | None = Field(description="Low end of its 95% interval.")
    roc_auc_high: float | None = Field(description="High end of its 95% interval.")
    n_lines: int | None = Field(description="Lines on which the drug was measured.")
    n_sensitive: int | None = Field(description="Lines of these that are labelled sensitive.")
    url: str


class DrugDetail(Drug):
    """Everything that the bundle knows of one drug."""

    bundle: BundleAnswer
    parameters: dict[str, Any] = Field(description="Settings of the estimator.")
    evidence_card: dict[str, Any] = Field(
        description="As docs/schemas/evidence-card.schema.json describes it. A figure is a number, "
        "an object with its 95% interval, or a text that says why there is none."
    )
    label_card: dict[str, Any] = Field(description="How lines were labelled sensitive.")


class DrugList(BaseModel):
    """A page of drugs."""

    bundle: BundleAnswer
    items: list[Drug]
    total: int = Field(description=TOTAL)
    next: str | None = Field(description=NEXT)


class GeneSetSummary(BaseModel):
    """A gene set, in short."""

    name: str
    title: str
    description: str
    group: str
    direction: Direction | None = Field(description=EXPECTED)
    context: str | None
    n_genes: int
    n_in_panel: int = Field(description="Genes that the bundle uses.")
    genes: list[str]
    url: str


class Member(BaseModel):
    """A gene of a set."""

    symbol: str
    source: str = Field(description="Section of a review, or a DOI.")
    direction: Direction | None = Field(description=EXPECTED)
    context: str | None = Field(description="Drug and cancer for which that was stated.")
    in_panel: bool = Field(description="Whether the bundle uses it.")


class BalanceOfSets(BaseModel):
    """Difference of the scores of two gene sets."""

    name: str
    numerator: str
    denominator: str
    title: str
    source: str


class GeneSetDetail(GeneSetSummary):
    """A gene set, gene by gene."""

    bundle: BundleAnswer
    members: list[Member]
    balances: list[BalanceOfSets] = Field(description="Balances that the set has a part in.")


class GeneSetList(BaseModel):
    """A page of gene sets."""

    bundle: BundleAnswer
    items: list[GeneSetSummary]
    total: int = Field(description=TOTAL)
    next: str | None = Field(description=NEXT)


class ClaimAnswer(BaseModel):
    """One statement of the literature."""

    claim_id: str
    gene: str | None
    process: str | None
    change: Change
    agent: str | None
    agent_class: str | None
    cancer: str | None
    drug: str | None
    drug_class: str
    effect: Direction = Field(description="What the stated change goes with.")
    direction_when_high: Direction | None = Field(
        description="What higher expression would go with; null where change and effect do not say."
    )
    evidence: str
    testable_hint: str = Field(
        description="`expression`, or why expression cannot speak for the claim."
    )
    source_file: str
    section: str
    reference: str | None
    context: str | None
    statement: str
    contradicted_by: list[str] = Field(description="Ids of claims that state the opposite.")


class ClaimList(BaseModel):
    """A page of claims."""

    items: list[ClaimAnswer]
    total: int = Field(description=TOTAL)
    next: str | None = Field(description=NEXT)


class BundleVersion(BaseModel):
    """A registered bundle."""

    version: str | None = Field(description="Null for a bundle that was given as a folder.")
    aliases: list[str] = Field(description="Such as champion, challenger, previous_champion.")
    sha256: str
    serves: bool = Field(description="Whether this is the one that answers.")
    cohort: str | None
    simulated: bool | None
    n_drugs: int | None
    created_at: str | None = Field(description="When it was registered.")


class Provenance(BaseModel):
    """Where a bundle came from."""

    created_at: str | None
    code_version: str | None
    response_kind: str | None
    n_samples: int | None


class ServingBundle(BundleAnswer):
    """What the bundle that answers is made of."""

    source: Literal["store", "cache", "folder"]
    loaded_at: str
    n_drugs_by_status: dict[Status, int]
    expression_scale: str = Field(description="Profiles on this scale are not aligned.")
    lineages: list[str] = Field(description="Lineages that it knows.")
    gene_panel: list[str] = Field(description="All genes that it may use.")
    minimum_gene_coverage: float = Field(
        description="Fraction of the panel below which profiles are refused."
    )
    can_explain: bool
    provenance: Provenance


class BundleList(BaseModel):
    """A page of bundles."""

    serving: ServingBundle | None = Field(description="Null while no bundle is loaded.")
    items: list[BundleVersion]
    total: int = Field(description=TOTAL)
    next: str | None = Field(description=NEXT)
