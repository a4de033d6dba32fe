"""Records of the lists, as the JSON that they are; tests hold these types to the OpenAPI file."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from cupromark.client.answers import BundleAnswer, Status

Direction = Literal["sensitivity", "resistance"]
Change = Literal[
    "up",
    "overexpressed",
    "activated",
    "down",
    "inhibited",
    "knockdown",
    "degraded",
    "phosphorylated",
    "dephosphorylated",
    "mutated",
    "agent",
]


class Drug(TypedDict):
    """What is known of one drug, in short; roc_auc on unseen lines, with its 95% interval."""

    name: str
    status: Status
    status_reason: str | None
    estimator: str
    drug_classes: list[str]
    roc_auc: float | None
    roc_auc_low: float | None
    roc_auc_high: float | None
    n_lines: int | None
    n_sensitive: int | None
    url: str


class DrugDetail(Drug):
    """Everything that the bundle knows of one drug."""

    bundle: BundleAnswer
    parameters: dict[str, Any]
    evidence_card: dict[str, Any]
    label_card: dict[str, Any]


class GeneSetSummary(TypedDict):
    """A gene set, in short; `direction` is what higher expression is expected to go with."""

    name: str
    title: str
    description: str
    group: str
    direction: Direction | None
    context: str | None
    n_genes: int
    n_in_panel: int
    genes: list[str]
    url: str


class Member(TypedDict):
    """A gene of a set."""

    symbol: str
    source: str
    direction: Direction | None
    context: str | None
    in_panel: bool


class BalanceOfSets(TypedDict):
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
    balances: list[BalanceOfSets]


class ClaimAnswer(TypedDict):
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
    effect: Direction
    direction_when_high: Direction | None
    evidence: str
    testable_hint: str
    source_file: str
    section: str
    reference: str | None
    context: str | None
    statement: str
    contradicted_by: list[str]


class BundleVersion(TypedDict):
    """A registered bundle; `serves` the one that answers."""

    version: str | None
    aliases: list[str]
    sha256: str
    serves: bool
    cohort: str | None
    simulated: bool | None
    n_drugs: int | None
    created_at: str | None


class Provenance(TypedDict):
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
    expression_scale: str
    lineages: list[str]
    gene_panel: list[str]
    minimum_gene_coverage: float
    can_explain: bool
    provenance: Provenance


class ServiceType(TypedDict):
    """What kind of service it is."""

    group: str
    artifact: str
    version: str


class Organization(TypedDict):
    """Who runs it."""

    name: str
    url: str


class ServiceInfo(TypedDict):
    """GA4GH service-info 1.0."""

    id: str
    name: str
    type: ServiceType
    description: str
    organization: Organization
    contactUrl: NotRequired[str | None]
    documentationUrl: str
    createdAt: str
    environment: NotRequired[str | None]
    version: str
