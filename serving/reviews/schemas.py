"""The answers of the review desk as the OpenAPI file describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from models.drug_model import Status
from serving.reviews.words import ApprovalState, Decision, Kind, State, Verdict

NEXT = "Address of the next page; null on the last one."
BY = "Name of the API key."


class ReviewedBundleAnswer(BaseModel):
    """A bundle whose findings are at the desk."""

    sha256: str
    name: str
    cohort: str
    simulated: bool
    made_at: str
    n_drugs: int
    n_findings: dict[State, int] = Field(description="Findings by state; none where 0.")


class ReviewedBundleList(BaseModel):
    """All bundles whose findings are at the desk, newest first."""

    items: list[ReviewedBundleAnswer]
    role: Literal["viewer", "reviewer", "lead", "admin"] | None = Field(
        description="What the caller may do here."
    )
    two_person_rule: bool
    sign_off_role: Literal["reviewer", "lead"]


class FindingAnswer(BaseModel):
    """Something about a drug's classifier that a biologist can judge."""

    id: str
    bundle_sha256: str
    drug: str
    kind: Kind
    subject: str = Field(description="Gene, gene set or process.")
    summary: str
    figures: dict[str, Any]
    figures_sha256: str = Field(description="Of the evidence card and all findings of the drug.")
    priority: int = Field(description="Place in the queue, lowest first.")
    state: State
    assignee: str | None
    version: int = Field(description="For If-Match.")


class FindingPage(BaseModel):
    """A page of the queue."""

    items: list[FindingAnswer]
    total: int = Field(description="Findings on all pages.")
    next: str | None = Field(description=NEXT)


class HistoryEntry(BaseModel):
    """A judgement or an assignment; which fields there are depends on `what`."""

    what: Literal["judgement", "assignment"]
    version: int
    verdict: Verdict | None = None
    state: State | None = Field(None, description="Of the finding, from this judgement on.")
    withdraws: int | None = Field(None, description="Version of the judgement taken back.")
    comment: str | None = None
    reference: str | None = None
    figures_sha256: str | None = None
    assignee: str | None = None
    reviewer: str = Field(description=BY)
    key_id: str
    at: str


class FindingDetail(FindingAnswer):
    """A finding with its history."""

    history: list[HistoryEntry] = Field(description="Oldest first.")


class ApprovalAnswer(BaseModel):
    """What the decisions about a drug amount to."""

    state: ApprovalState
    limits: str = Field(description="Shown with every prediction of the drug.")
    people: list[str]
    decided_at: str | None


class SignOffAnswer(BaseModel):
    """One decision."""

    decision: Decision
    limits: str
    comment: str
    reviewer: str = Field(description=BY)
    key_id: str
    figures_sha256: str
    at: str


class DrugToSign(BaseModel):
    """A drug of a bundle: what it is decided on, and what was decided."""

    bundle_sha256: str
    drug: str
    status: Status
    figures: dict[str, Any] = Field(description="Headline figures of the evidence card.")
    figures_sha256: str
    findings: dict[State, int] = Field(description="Findings by state; none where 0.")
    approval: ApprovalAnswer
    version: int = Field(description="For If-Match: number of decisions.")
    sign_offs: list[SignOffAnswer] = Field(description="Oldest first.")


class DrugsToSign(BaseModel):
    """The drugs of a bundle, in its order."""

    items: list[DrugToSign]


class DecisionAnswer(BaseModel):
    """Who decided what, when, on which figures."""

    at: str
    what: Literal["judgement", "assignment", "sign_off"]
    said: str | None = Field(description="Verdict, assignee or decision.")
    reviewer: str = Field(description=BY)
    key_id: str
    bundle_sha256: str
    drug: str
    finding_id: str | None
    kind: Kind | None
    subject: str | None
    version: int | None
    limits: str | None
    comment: str | None
    reference: str | None
    figures_sha256: str


class DecisionPage(BaseModel):
    """A page of decisions, newest first."""

    items: list[DecisionAnswer]
    next: str | None = Field(description=NEXT)


class ExportAnswer(BaseModel):
    """Everything about a bundle."""

    bundle_sha256: str
    drugs: list[DrugToSign]
    findings: list[FindingAnswer]
    decisions: list[DecisionAnswer]
