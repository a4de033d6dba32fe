"""What is sent to make a job."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Body
from pydantic import Field

from models.jobs.errors import JobSpecError
from models.jobs.spec import MOST_DRUGS, WHOLE, JobSpec
from serving.errors import InvalidField, InvalidRequestError
from serving.predictions.schemas import Strict

DrugName = Annotated[str, Field(min_length=1, max_length=200)]
DrugNames = Annotated[list[DrugName], Field(min_length=1, max_length=MOST_DRUGS)]
Policy = Annotated[str, Field(min_length=1, max_length=100)]
Why = Annotated[str, Field(max_length=120)]
WHY = "`by hand`, `new release`, `drift` or `schedule:<name>`."
POLICY = "Name of a promotion policy that the workers hold; null for the one that is shipped."


def _whole(name: str, default: int, description: str) -> Any:
    low, high = WHOLE[name]
    return Field(default, ge=low, le=high, description=description)


class RetrainRequest(Strict):
    """Train on a cohort, register what comes out, and put it before the gate."""

    kind: Literal["retrain"]
    cohort: str = Field(
        min_length=1,
        max_length=100,
        pattern="^[A-Za-z0-9][A-Za-z0-9._:+-]*$",
        description="As `cupromark data list` names it.",
    )
    drugs: Literal["all"] | DrugNames = Field("all", description="`all`, or names, each once.")
    random_sets: int = _whole(
        "random_sets", 0, "Random gene sets that each drug is held against; 0 for none."
    )
    seed: int = _whole("seed", 0, "First seed of the folds.")
    n_folds: int = _whole("n_folds", 5, "Folds of the cross-validation.")
    n_seeds: int = _whole("n_seeds", 3, "How often it is repeated with other folds.")
    batch_drugs: int = _whole("batch_drugs", 20, "Drugs between two checkpoints.")
    promote: Literal["never", "if_better"] = Field(
        "if_better", description="Whether the gate decides about it, or it is registered alone."
    )
    policy: Policy | None = Field(None, description=POLICY)
    drill: Literal["shuffled_labels"] | None = Field(
        None, description="A fire drill of the gate: it trains on permuted labels."
    )
    reason: Why = Field("by hand", description=WHY)
    force: bool = Field(False, description="Train although nothing is new.")


class PromoteRequest(Strict):
    """Put a registered bundle before the gate."""

    kind: Literal["promote"]
    bundle: str = Field(min_length=1, max_length=100, description="Version or alias in the store.")
    policy: Policy | None = Field(None, description=POLICY)
    reason: Why = Field("by hand", description=WHY)
    force: bool = Field(False, description="Decide although nothing is new.")


JobRequest = Annotated[RetrainRequest | PromoteRequest, Field(discriminator="kind")]
JobBody = Annotated[
    JobRequest,
    Body(
        openapi_examples={
            "a retraining": {
                "value": {
                    "kind": "retrain",
                    "cohort": "ccle-gdsc2",
                    "drugs": ["Cisplatin", "Docetaxel"],
                    "random_sets": 100,
                    "promote": "if_better",
                }
            },
            "a promotion": {"value": {"kind": "promote", "bundle": "challenger"}},
        }
    ),
]


def spec_of(body: RetrainRequest | PromoteRequest) -> JobSpec:
    """Read the job that is asked for.

    Raises
    ------
    InvalidRequestError
        A field cannot be what it is.
    """
    try:
        return JobSpec.from_json(body.model_dump())
    except JobSpecError as error:
        raise InvalidRequestError(
            f"The field {error.field} of the job cannot be what it is.",
            needed=error.needed,
            remedy=error.remedy,
            errors=[InvalidField(f"/{error.field}", f"must be {error.needed.rstrip('.')}")],
        ) from None
