"""The request and the answer of /v1/validations as the OpenAPI file describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from features.expression import IdType, Scale
from serving.predictions.schemas import Name, Profile, Strict


class _Validated(Strict):
    scale: Scale = Field(description="What the values are.")


class ValidateByProfile(_Validated):
    """Profiles as objects. All of them name the same genes."""

    profiles: list[Profile] = Field(min_length=1)


class ValidateByColumn(_Validated):
    """Profiles as a matrix."""

    genes: list[Name] = Field(min_length=1, description="Names of the columns.")
    values: list[list[float]] = Field(min_length=1, description="One row a sample.")
    ids: list[Name] | None = Field(None, description="Names of the samples, each once.")


class ReadingReportAnswer(BaseModel):
    """What was found in the profiles, and done to them."""

    format: str
    orientation: Literal["genes_by_samples", "samples_by_genes"]
    delimiter: str | None
    id_type: IdType
    n_samples: int
    n_ids: int
    n_genes: int
    steps: list[str] = Field(description="Sentences, in the order in which things were done.")
    renamed: dict[str, str]
    unknown: list[str]
    ambiguous: dict[str, list[str]]
    duplicated: dict[str, int]


class ValidationAnswer(BaseModel):
    """What is in the profiles, and whether the bundle would answer for them."""

    source: str = Field(description="Name of the file.")
    scale: Scale
    report: ReadingReportAnswer
    accepted: bool = Field(description="Whether enough of the gene panel is there.")
    reason: str
    gene_coverage: float = Field(ge=0, le=1)
    minimum_gene_coverage: float = Field(ge=0, le=1)
    n_panel_genes: int
    missing_genes: list[str]
    bundle: str | None
