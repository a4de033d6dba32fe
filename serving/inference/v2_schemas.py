"""The Open Inference Protocol as the OpenAPI file describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from features.expression import Scale

Datatype = Literal[
    "FP16", "FP32", "FP64", "INT8", "INT16", "INT32", "INT64",
    "UINT8", "UINT16", "UINT32", "UINT64", "BYTES",
]  # fmt: skip
Size = Annotated[int, Field(ge=0, lt=2**31)]
PARAMETERS = (
    "`scale` (required), `drugs` and `genes` (a list of names, or a text that commas part), "
    "`level`, `align`, `lineage`, as in /v1/predictions; `binary_data_output`."
)


class Strict(BaseModel):
    """A request object: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class InferParameters(Strict):
    """What is asked beside the tensors, and what clients send that does not matter here."""

    scale: Scale = Field(description="What the values are.")
    drugs: str | list[str] | None = None
    genes: str | list[str] | None = None
    level: float | None = Field(None, gt=0, lt=1)
    align: Literal["auto", "none", "quantile", "rank"] | None = None
    lineage: str | None = None
    binary_data_output: bool | None = None
    content_type: Any = None
    headers: Any = None
    priority: Any = None
    timeout: Any = None
    sequence_id: Any = None
    sequence_start: Any = None
    sequence_end: Any = None


class InputTensor(BaseModel):
    """An input: expression (numbers), genes, sample_ids, drugs or lineage (BYTES)."""

    name: Literal["expression", "genes", "sample_ids", "drugs", "lineage"]
    datatype: Datatype
    shape: list[Size] = Field(min_length=1, max_length=8)
    data: list[Any] | None = Field(
        None, description="Flat in row-major order or nested; absent where it comes as binary data."
    )
    parameters: dict[str, Any] | None = None


class WantedOutput(BaseModel):
    """An output that is wanted; without any, all of them are given."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequestBody(Strict):
    """Profiles as tensors."""

    id: str | None = Field(None, max_length=200)
    parameters: InferParameters = Field(description=PARAMETERS)
    inputs: list[InputTensor] = Field(min_length=1, max_length=20)
    outputs: list[WantedOutput] | None = None


class OutputTensor(BaseModel):
    """An output."""

    name: str
    datatype: Datatype
    shape: list[Size]
    data: list[float | str | None] | None = Field(
        None, description="Row-major; null where a number is not known."
    )
    parameters: dict[str, Any] | None = None


class InferAnswer(BaseModel):
    """Answers as tensors."""

    model_name: str
    model_version: str | None = None
    id: str | None = None
    parameters: dict[str, str | float | bool] = Field(
        description="Bundle, sha256, aliases, cohort, alignment, gene coverage."
    )
    outputs: list[OutputTensor]


class ServerMetadata(BaseModel):
    """What this server is."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """A tensor; a size of -1 is not fixed."""

    name: str
    datatype: Datatype
    shape: list[int]


class ModelMetadata(BaseModel):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, Any]


class ModelReady(BaseModel):
    """Whether the model answers."""

    name: str
    ready: bool


class Live(BaseModel):
    """Whether the process answers."""

    live: bool


class Ready(BaseModel):
    """Whether predictions are answered, and by what."""

    ready: bool
    bundle: str | None
    version: str | None
    sha256: str | None
    source: str | None
    loaded_at: float | None = Field(description="Seconds since 1970.")
    degraded: bool = Field(description="Whether another bundle should be served.")
    wanted: str | None
    failed_version: str | None
    store_reachable: bool | None
    last_check_at: float | None
    reason: str | None
