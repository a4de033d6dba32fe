"""`GET /v1/compare` and `/v1/compare/{drug}` as they are answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from features.gene_sets import Direction
from models.drug_model import Status
from serving.reports.schemas import Figure

Count = int | str | None


class CardFigure(Figure):
    """A figure of an evidence card, or why there is none."""

    reason: str | None


class Pair(BaseModel):
    """A figure of both bundles."""

    a: CardFigure
    b: CardFigure
    difference: float | None = Field(description="b minus a; no interval belongs to it.")


class Side(BaseModel):
    """One of the two bundles."""

    name: str
    version: str | None
    sha256: str
    cohort: str
    simulated: bool
    expression_scale: str
    n_drugs: int
    n_genes: int
    created_at: str | None
    code_version: str | None
    response_kind: str | None
    n_samples: int | None


class DrugIn(BaseModel):
    """A drug in one bundle."""

    status: Status
    estimator: str
    n_lines: Count
    n_sensitive: Count


class DrugPair(BaseModel):
    """A drug in both bundles."""

    drug: str
    a: DrugIn
    b: DrugIn
    status_rises: int = Field(description="Steps by which b stands above a; below 0 it falls.")
    roc_auc: Pair
    calibration_error: Pair
    label_changed: bool


class StatusChange(BaseModel):
    """How many drugs stand so in a and so in b."""

    a: Status
    b: Status
    n_drugs: int


class AtHand(BaseModel):
    """A registered version."""

    version: str | None
    sha256: str
    aliases: list[str]
    cohort: str | None
    state: Literal["answers", "at hand", "not at hand", "refused"]
    reason: str | None = Field(description="Why it was refused.")


class CompareAnswer(BaseModel):
    """Two bundles, drug by drug."""

    a: Side
    b: Side
    is_same: bool
    notes: list[str] = Field(description="What keeps figures from being compared.")
    drugs: list[DrugPair]
    statuses: list[StatusChange]
    only_in_a: list[str]
    only_in_b: list[str]
    bundles: list[AtHand]


class SideOfDrug(Side, DrugIn):
    """One of the two bundles, and how the drug stands in it."""

    reason: str


class NamedPair(Pair):
    """A figure of the evidence card in both bundles."""

    name: str
    title: str


class LabelField(BaseModel):
    """How labels were made."""

    field: str
    a: Any
    b: Any
    changed: bool


class Weight(BaseModel):
    """What an entry weighs in one bundle."""

    rank: int
    mean_size: Figure
    share: float
    direction: Direction | None
    log_odds_per_sd: float | None


class EntryPair(BaseModel):
    """A gene, gene set or covariate in both bundles; null where a bundle has none."""

    name: str
    title: str
    kind: str
    a: Weight | None
    b: Weight | None


class Agreement(BaseModel):
    """Correlations over what both have."""

    pearson: float
    spearman: float
    n: int


class Entries(BaseModel):
    """What two classifiers rest on."""

    n_common: int
    coefficients: Agreement | None = Field(
        description="Of log-odds per standard deviation; null where a classifier is not linear."
    )
    sizes: Agreement | None = Field(description="Of mean sizes of attributions.")
    rows: list[EntryPair]


class Lines(BaseModel):
    """Lines on which both were trained, as each answered them while they were held out."""

    n_a: int
    n_b: int
    name: list[str]
    lineage: list[str | None]
    is_sensitive_a: list[bool] | None
    is_sensitive_b: list[bool] | None
    probability_a: list[float] | None
    probability_b: list[float] | None
    n_labels_changed: int
    agreement: Agreement | None


class CompareDrugAnswer(BaseModel):
    """One drug in two bundles."""

    drug: str
    a: SideOfDrug
    b: SideOfDrug
    is_same: bool
    notes: list[str]
    figures: list[NamedPair]
    reliability: list[list[dict[str, Any]]] = Field(description="Calibration curves of a and of b.")
    labels: list[LabelField]
    genes: Entries | None
    sets: Entries | None
    lines: Lines | None
    missing: list[str] = Field(description="Why parts are null.")
