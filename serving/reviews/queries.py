"""Query parameters of the review desk; a parameter that is not named here is refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.reviews.queue import Filters
from serving.reviews.words import Kind, State

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# Without control characters: Postgres holds no NUL.
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Cursor = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,80}=?=?$")]
OF_BUNDLE = "Sha256 of a bundle."


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingQuery(_Query):
    """Which findings."""

    bundle: Sha256 | None = Field(None, description=OF_BUNDLE)
    drug: Words | None = Field(None, description="Name of a drug, as the bundle writes it.")
    kind: list[Kind] = Field(
        default_factory=list, max_length=5, description="Give it several times for any of several."
    )
    state: list[State] = Field(
        default_factory=list, max_length=5, description="Give it several times for any of several."
    )
    assignee: Words | None = Field(
        None, description="Name of whom they are assigned to; `nobody` for those that are not."
    )
    search: Words | None = Field(
        None, description="Part of the drug's name, the gene, the set or the sentence."
    )
    limit: int = Field(100, ge=1, le=500, description="Most findings on a page.")
    cursor: Cursor | None = Field(
        None, description="From `next` of the page before. It holds for the same filters only."
    )

    def filters(self) -> Filters:
        """Say what is asked of the queue."""
        return Filters(
            self.bundle, self.drug, tuple(self.kind), tuple(self.state), self.assignee, self.search
        )


class SignOffQuery(_Query):
    """Which drugs."""

    bundle: Sha256 = Field(description=OF_BUNDLE)
    drug: Words | None = Field(None, description="Name of a drug, as the bundle writes it.")


class ExportQuery(_Query):
    """What is exported."""

    bundle: Sha256 = Field(description=OF_BUNDLE)
    what: Literal["decisions", "findings", "drugs"] = Field(
        "decisions", description="Which table is given as CSV; JSON holds all three."
    )


class AuditQuery(_Query):
    """Which decisions."""

    bundle: Sha256 | None = Field(None, description=OF_BUNDLE)
    drug: Words | None = Field(None, description="Name of a drug, as the bundle writes it.")
    reviewer: Words | None = Field(None, description="Name of the API key that decided.")
    limit: int = Field(100, ge=1, le=500, description="Most decisions on a page.")
    cursor: Cursor | None = Field(None, description="From `next` of the page before.")
