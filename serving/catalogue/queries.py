"""Query parameters of the lists; a parameter that is not named here is refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from features.gene_sets import Direction
from models.drug_model import Status

Text = Annotated[str, Field(min_length=1, max_length=200)]


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=500, description="Most records on a page.")
    cursor: str | None = Field(
        None,
        pattern="^[A-Za-z0-9_-]{24}$",
        description="From `next` of the page before. It holds for the same filters, order and "
        "bundle only.",
    )


class DrugQuery(PageQuery):
    """Which drugs, in which order."""

    status: list[Status] = Field(
        default_factory=list,
        max_length=3,
        description="What the evidence amounts to; give it several times for any of several.",
    )
    search: Text | None = Field(None, description="Part of the name or of a class of drugs.")
    drug_class: Text | None = Field(None, description="Class, such as platinum.")
    sort: Literal["name", "-name", "status", "-status", "roc_auc", "-roc_auc"] = Field(
        "name",
        description="Order; a minus turns it round. By status, supported comes first; drugs "
        "without a roc_auc come last.",
    )


class GeneSetQuery(PageQuery):
    """Which gene sets."""

    gene: Text | None = Field(None, description="Symbol of a gene that the set holds.")
    group: Text | None = Field(None, description="Group, such as cuproptosis.")
    direction: Direction | None = Field(
        None, description="What higher expression of the set is expected to go with."
    )
    search: Text | None = Field(None, description="Part of the name, title or description.")


class ClaimQuery(PageQuery):
    """Which claims."""

    gene: Text | None = Field(None, description="Symbol of the gene that is spoken of.")
    process: Text | None = Field(
        None, description="Gene set or process; oxphos stands for each of its complexes."
    )
    drug: Text | None = Field(
        None,
        description="Drug that is named; case and punctuation do not matter. With `drug_class`, "
        "also claims that name no drug but this class.",
    )
    drug_class: Text | None = Field(None, description="Class, such as platinum.")
    direction: Direction | None = Field(None, description="What higher expression would go with.")
    contradictions: bool = Field(
        False, description="Only claims of which the opposite is claimed too."
    )
    search: Text | None = Field(None, description="Part of the statement, context or reference.")


class BundleQuery(PageQuery):
    """Which bundles."""

    alias: Text | None = Field(None, description="Such as champion or challenger.")
