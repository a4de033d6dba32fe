"""MLflow's scoring protocol as the OpenAPI file describes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from features.expression import Scale
from models.conformal import ConformalSet, Label
from models.drug_model import Status
from serving.reviews.words import ShownApproval

Cell = float | str | None
Record = dict[str, Cell]
COLUMNS = "Genes, and optionally `sample_id` and `lineage`."
Alignment = Literal["auto", "none", "quantile", "rank"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Params(BaseModel):
    """What is asked beside the profiles."""

    model_config = ConfigDict(extra="forbid")

    scale: Scale = Field(description="What the values are.")
    drugs: list[Name] | None = Field(
        None, description="Names; none asks for every drug that is not withheld."
    )
    align: Alignment | None = None
    level: float | None = Field(None, gt=0, lt=1)
    lineage: Name | None = Field(None, description="Of all samples.")


class CsvQuery(BaseModel):
    """What is asked beside the profiles of a CSV, which has no place for it."""

    model_config = ConfigDict(extra="forbid")

    scale: Scale | None = Field(None, description="What the values of a CSV are.")
    drugs: list[Name] = Field(
        default_factory=list, description="Names of drugs, for a CSV; give it once a drug."
    )
    align: Alignment | None = Field(None, description="For a CSV.")
    level: float | None = Field(None, gt=0, lt=1, description="For a CSV.")
    lineage: Name | None = Field(None, description="Of all samples of a CSV.")


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    params: Params


class Split(BaseModel):
    """pandas.DataFrame.to_dict(orient="split")."""

    columns: list[str | int] = Field(description=COLUMNS)
    data: list[list[Cell]]
    index: list[str | int | float] | None = None


class SplitBody(_Asked):
    """A table as columns, rows and index."""

    dataframe_split: Split


class RecordsBody(_Asked):
    """A table as one object a sample."""

    dataframe_records: list[Record] = Field(min_length=1)


class InstancesBody(_Asked):
    """A table as one object a sample."""

    instances: list[Record] = Field(min_length=1)


class InputsBody(_Asked):
    """A table as one list a column, or as one object a sample."""

    inputs: dict[str, list[Cell]] | list[Record]


FORM_BODIES = (SplitBody, RecordsBody, InstancesBody, InputsBody)


class ScoredDrug(BaseModel):
    """The answer for one sample and drug: the columns of the model in MLflow, and its approval."""

    sample_id: str
    drug: str
    probability_sensitive: float = Field(ge=0, le=1)
    label: Label
    status: Status
    gene_coverage: float
    bundle_version: str
    conformal_set: ConformalSet
    alignment: str
    lineage_used: str
    n_genes_missing: int
    cohort: str
    simulated: bool
    bundle_sha256: str = Field(description="Its first 12 digits.")
    domain_percentile: float | None
    approval: ShownApproval = Field(description="Where the review of this drug stands.")
    approval_limits: str = Field(description="Empty unless it is approved with limits.")
    approval_as_of: datetime | None = Field(
        description="When the database last had this approval; null while it answers, and where "
        "it could never be read."
    )


class ScoringAnswer(BaseModel):
    """Answers for all samples and drugs."""

    predictions: list[ScoredDrug]
